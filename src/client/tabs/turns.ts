export const leader = 'sallyport:leader'
export const refreshing = 'sallyport:refresh'

/**
 * Runs a task while no other tab runs one of this name; a tab that is closed loses its turn.
 * @param signal ends the waiting, which then rejects, but not the task
 */
export type TakeTurn = <T>(name: string, signal: AbortSignal, task: () => Promise<T>) => Promise<T>

export type TakeTurnIn = (tabs: BroadcastChannel) => TakeTurn

/**
 * By Web Locks, which are there in secure contexts only: not on a plain-http host of a local network.
 * @param otherwise where there are none
 */
export function turns(tabs: BroadcastChannel, otherwise: TakeTurnIn): TakeTurn {
  const { locks } = navigator as Partial<Navigator>
  return locks ? (name, signal, task) => locks.request(name, { signal }, task) : otherwise(tabs)
}

/** Whether there may be other tabs: then there is one that wants to be the leader and is not. */
export async function hasPeers(): Promise<unknown> {
  const { locks } = navigator as Partial<Navigator>
  return !locks || (await locks.query()).pending?.[0]
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

import { isAwake, onWake } from './wake.ts'

/** What a timer can count to, and be wrong about after a sleep: a day, milliseconds. */
const mostMs = 86_400_000
/** What lives no longer is refreshed when it is needed: a session that cannot be extended would be asked about ever faster. */
const leastMs = 5000
/** After a failure, milliseconds; whoever needs it earlier asks. */
const pauseMs = 300_000

/**
 * Refreshes ahead of expiry, after about four fifths of the life that was left. Only while somebody looks and there is a network; otherwise
 * when that is so again. Returns what is called whenever something about the expiry changes.
 * @param remainingMs NaN: nothing expires
 */
export function refreshAhead(
  remainingMs: () => number,
  refresh: () => Promise<unknown>,
  closing: AbortSignal,
): () => void {
  let dueAtMs = NaN
  let timer: ReturnType<typeof setTimeout> | undefined
  const wait = (ms: number): void => {
    // Never exactly: all pages that lost something at once would come at once.
    dueAtMs = Date.now() + ms * (0.75 + Math.random() / 10)
    check()
  }
  const check = (): void => {
    clearTimeout(timer)
    const ms = dueAtMs - Date.now()
    if (closing.aborted || !isAwake()) return
    if (ms > 0) timer = setTimeout(check, Math.min(ms, mostMs))
    else if (ms <= 0) {
      dueAtMs = NaN
      refresh().catch(() => {
        wait(pauseMs)
      })
    }
  }
  onWake(check, closing)
  return () => {
    const ms = remainingMs()
    wait(ms > leastMs ? ms : NaN)
  }
}

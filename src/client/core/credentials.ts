import type { ClientEvent, Problem } from '../types.ts'
import { hear, tell, type Credential, type Message } from '../tabs/tabs.ts'
import { hasPeers, refreshing, sleep, type TakeTurn } from '../tabs/turns.ts'
import type { Session } from './session.ts'
import { requestToken } from './token.ts'

/** The access token of this browser and how it is refreshed: by one tab at a time, for all. */
export interface Credentials {
  readonly current: Credential | undefined
  /** One with some life left; undefined: nobody is signed in. Rejects when it cannot be known. */
  live(): Promise<Credential | undefined>
  /** @param used what did not get in; a newer one is as good as a refresh */
  refresh(used?: Credential): Promise<boolean>
  /** Does something while nobody refreshes, in any tab; refreshes that are under way are given up. */
  halted(task: () => Promise<void>): Promise<void>
  /** It belongs to somebody else, or to nobody any more. */
  drop(): void
}

/** @param isBearer tokens are kept; otherwise they are only fetched, for what that does to the session */
export function createCredentials(
  tabs: BroadcastChannel,
  takeTurn: TakeTurn,
  isBearer: boolean,
  session: Session,
  obey: (problem: Problem) => void,
  emit: (event: ClientEvent) => void,
  closing: AbortSignal,
): Credentials {
  let current: Credential | undefined
  let running: Promise<boolean> | undefined
  let halt = new AbortController()
  const giveUp = (): void => {
    halt.abort()
    halt = new AbortController()
  }
  const hand = (): void => {
    if (current) tell(tabs, { type: 'credential', credential: current })
  }
  const adopt = (credential: Credential | undefined, here = false): void => {
    // Whoever keeps tokens has no use for what is known without one.
    if (!isNewer(credential, current) || (isBearer && !credential[2])) return
    current = credential
    if (here) hand()
    emit({ type: 'refreshed', here })
  }
  const run = async (used: Credential | undefined, signal: AbortSignal): Promise<boolean> => {
    try {
      return await takeTurn(refreshing, signal, async () => {
        if (await hasPeers()) {
          // What another tab has just fetched may still be on its way. In two parts: what arrives in between counts.
          tell(tabs, { type: 'ask' })
          await sleep(50)
          await sleep(50)
        }
        // Whoever waited looks first whether another tab has seen to it.
        if (isNewer(current, used)) return true
        const credential = await requestToken(obey, signal, isBearer)
        adopt(credential, true)
        return !!credential
      })
    } catch (error) {
      if (signal.aborted) return false
      emit({ type: 'refresh-failed' })
      throw error
    }
  }
  const refresh = async (used = current): Promise<boolean> => {
    if (isNewer(current, used)) return true
    running ??= run(used, halt.signal).finally(() => {
      running = undefined
    })
    return running
  }
  const listen = (message: Message): void => {
    adopt((message as { readonly credential?: Credential }).credential)
    if (message.type === 'halt') giveUp()
    if (message.type === 'ask') hand()
  }
  hear(tabs, listen, closing)
  return {
    refresh,
    get current() {
      return current
    },
    live: async () =>
      session.current !== null && (isLive(current) || (await refresh())) ? current : undefined,
    halted: (task) => {
      tell(tabs, { type: 'halt' })
      session.hush()
      giveUp()
      // Whoever signs out as well does not give it up.
      return takeTurn(refreshing, closing, task)
    },
    drop: () => {
      current = undefined
      // What is on its way is theirs, too.
      giveUp()
    },
  }
}

function isNewer(
  credential: Credential | undefined,
  than: Credential | undefined,
): credential is Credential {
  return isLive(credential) && credential[0] > (than?.[0] ?? 0)
}

/** With at least a tenth of its life left. */
function isLive(credential: Credential | undefined): credential is Credential {
  return !!credential && Date.now() < credential[1] * 0.9 + credential[0] * 0.1
}

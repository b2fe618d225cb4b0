import type { ClientEvent, Problem } from '../types.ts'
import { hear, tell, type Credential } from '../tabs/tabs.ts'
import { hasPeers, refreshing, sleep, type TakeTurn } from '../tabs/turns.ts'
import type { Session } from './session.ts'
import { requestToken } from './token.ts'

export interface CredentialDeps {
  readonly tabs: BroadcastChannel
  readonly takeTurn: TakeTurn
  /** Tokens are kept. Otherwise they are only fetched, for what that does to the session. */
  readonly isBearer: boolean
  readonly session: Session
  readonly obey: (problem: Problem) => void
  readonly emit: (event: ClientEvent) => void
}

/** The access token of this browser and how it is refreshed: by one tab at a time, for all. */
export class Credentials {
  current: Credential | undefined
  readonly #deps: CredentialDeps
  #running: Promise<boolean> | undefined
  #halt = new AbortController()
  /** Whoever polls must not ask three times each. */
  #attempts = 3

  constructor(deps: CredentialDeps) {
    this.#deps = deps
    hear(deps.tabs, (message) => {
      if (message.type === 'credential') this.#adopt(message.credential)
      if (message.type === 'halt') this.#giveUp()
      if (message.type === 'ask') this.#hand()
    })
  }

  /** One with some life left; undefined: nobody is signed in. Rejects when it cannot be known. */
  async live(): Promise<Credential | undefined> {
    const isIn = this.#deps.session.current !== null
    return isIn && (isLive(this.current) || (await this.refresh())) ? this.current : undefined
  }

  /** @param used what did not get in; a newer one is as good as a refresh */
  async refresh(used = this.current): Promise<boolean> {
    if (isNewer(this.current, used)) return true
    this.#running ??= this.#run(used, this.#halt.signal).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Does something while nobody refreshes, in any tab; refreshes that are under way are given up. */
  halted(task: () => Promise<void>): Promise<void> {
    const { tabs, takeTurn } = this.#deps
    tell(tabs, { type: 'halt' })
    this.#giveUp()
    return takeTurn(tabs, refreshing, this.#halt.signal, task)
  }

  async #run(used: Credential | undefined, signal: AbortSignal): Promise<boolean> {
    const { tabs, takeTurn, emit } = this.#deps
    try {
      return await takeTurn(tabs, refreshing, signal, () => this.#refresh(used, signal))
    } catch (error) {
      if (signal.aborted) return false
      this.#attempts = 1
      emit({ type: 'refresh-failed' })
      throw error
    }
  }

  /** When it is this tab's turn: whoever waited looks first whether another tab has seen to it. */
  async #refresh(used: Credential | undefined, signal: AbortSignal): Promise<boolean> {
    const { tabs, session, obey, isBearer } = this.#deps
    if (await hasPeers()) {
      // What another tab has just fetched may still be on its way. In two parts: what arrives in between counts.
      tell(tabs, { type: 'ask' })
      await sleep(50)
      await sleep(50)
    }
    if (session.current === null) return false
    if (isNewer(this.current, used)) return true
    const credential = await requestToken(obey, this.#attempts, signal, isBearer)
    this.#attempts = 3
    this.#adopt(credential, true)
    return !!credential
  }

  #giveUp(): void {
    this.#halt.abort()
    this.#halt = new AbortController()
  }

  #hand(): void {
    if (this.current) tell(this.#deps.tabs, { type: 'credential', credential: this.current })
  }

  #adopt(credential: Credential | undefined, here = false): void {
    // Whoever keeps tokens has no use for what is known without one.
    if (!isNewer(credential, this.current) || (this.#deps.isBearer && !credential[2])) return
    this.current = credential
    if (here) this.#hand()
    this.#deps.emit({ type: 'refreshed', here })
  }
}

function isNewer(
  credential: Credential | undefined,
  than: Credential | undefined,
): credential is Credential {
  return isLive(credential) && credential[0] > (than?.[0] ?? 0)
}

/** With at least a tenth of its life left, or ten seconds of it. */
function isLive(credential: Credential | undefined): credential is Credential {
  if (!credential) return false
  const [atMs, untilMs] = credential
  return Date.now() < untilMs - Math.min(10_000, (untilMs - atMs) / 10)
}

import { LRUCache } from 'lru-cache'
import { atMost } from '../../memo.ts'
import type { Session } from '../../authn/principal.ts'
import type { SessionProof } from '../../authn/sessions.ts'

/** Which session a credential stands for. Neither ever changes. */
export interface KnownSession {
  readonly sessionId: string
  readonly userId: string
}

const max = 100_000

/**
 * What has been learned of sessions that a remote Better Auth confirmed: which cookie proves them, for streams that are open and must be asked after, and which
 * session a cookie or token stands for. Cookies are held in plain form, as every open connection holds the header that brought them; they are never
 * keys, and leave this process only to be checked.
 */
export class KnownSessions {
  readonly #digest: (text: string) => string
  readonly #proofs = new LRUCache<string, SessionProof>(atMost(max))
  readonly #byDigest = new LRUCache<string, KnownSession>(atMost(2 * max))
  /** Until when it is not worth trying to extend a session, milliseconds since the epoch. */
  readonly #postponed = new LRUCache<string, number>(atMost(max))

  constructor(digest: (text: string) => string) {
    this.#digest = digest
  }

  remember(session: Pick<Session, 'id' | 'user'>, token: string, proof: SessionProof): void {
    const known = { sessionId: session.id, userId: session.user.id }
    this.#proofs.set(session.id, proof)
    this.#byDigest.set(this.#digest(proof.cookie), known)
    this.#byDigest.set(this.#digest(token), known)
  }

  /** Its session has ended: what proves it is of no more use. */
  forget(credential: string): void {
    const known = this.find(credential)
    if (known !== null) this.#proofs.delete(known.sessionId)
  }

  proofOf(sessionId: string): SessionProof | null {
    return this.#proofs.get(sessionId) ?? null
  }

  /** @param credential the value of a session cookie, or a token that whoever names it may know */
  find(credential: string): KnownSession | null {
    return this.#byDigest.get(this.#digest(credential)) ?? null
  }

  postpone(sessionId: string, untilMs: number): void {
    this.#postponed.set(sessionId, untilMs)
  }

  postponedUntil(sessionId: string): number {
    return this.#postponed.get(sessionId) ?? 0
  }
}

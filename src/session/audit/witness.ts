import { AsyncLocalStorage } from 'node:async_hooks'
import type { Audit } from '../../ops/audit/trail.ts'
import type { RevocationListener } from '../port.ts'
import { conclude, concludeAlone } from './conclude.ts'
import type { Alone, Asked, Ended, Note } from './notes.ts'

interface Scope {
  readonly notes: Note[]
  isOver: boolean
}

/**
 * Sees what Better Auth does, and says what it was when the request is over that made it do so: only then it is known what belongs together, a session that
 * was made and ended again because a second factor is missing, for example. What nobody asked for is said at once.
 */
export class Witness {
  readonly #audit: Audit
  readonly #alone: Alone
  readonly #scopes = new AsyncLocalStorage<Scope>()

  /** @param alone who does what no request asks for */
  constructor(audit: Audit, alone: Alone = { actor: 'gateway', via: 'gateway' }) {
    this.#audit = audit
    this.#alone = alone
  }

  /** Something was seen, in whatever request this is. */
  note(note: Note): void {
    const scope = this.#scopes.getStore()
    if (scope?.isOver === false) scope.notes.push(note)
    else this.#say(concludeAlone([note], this.#alone))
  }

  /** Runs the work of one request. Says what came of it before it resolves or rejects. @param endOf how it ended */
  async during<T>(
    asked: Asked,
    work: () => Promise<T>,
    endOf: (result: T) => Promise<Ended>,
  ): Promise<T> {
    const scope: Scope = { notes: [], isOver: false }
    let ended: Ended = { status: 503, code: null }
    try {
      const result = await this.#scopes.run(scope, work)
      ended = await endOf(result)
      return result
    } finally {
      scope.isOver = true
      this.#say(conclude(asked, scope.notes, ended))
    }
  }

  /** Runs what somebody does without a request to Better Auth, so that all of it is said together. */
  async act<T>(who: Alone, work: () => Promise<T>): Promise<T> {
    const scope: Scope = { notes: [], isOver: false }
    try {
      return await this.#scopes.run(scope, work)
    } finally {
      scope.isOver = true
      this.#say(concludeAlone(scope.notes, who))
    }
  }

  #say(events: ReturnType<typeof conclude>): void {
    for (const event of events) this.#audit.say(event)
  }
}

/** The same listener, with what it hears noted too. */
export function heardBy(
  witness: Pick<Witness, 'note'>,
  listener: RevocationListener,
): RevocationListener {
  return {
    ...listener,
    sessionRevoked: (event) => {
      listener.sessionRevoked(event)
      witness.note({ kind: 'session-ended', sessionId: event.sessionId, userId: event.userId })
    },
    userRevoked: (event) => {
      listener.userRevoked(event)
      witness.note({ kind: 'user-revoked', userId: event.userId })
    },
    userDeleted: (event) => {
      listener.userDeleted(event)
      witness.note({ kind: 'user-deleted', userId: event.userId })
    },
  }
}

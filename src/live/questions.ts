import type { Session } from '../authn/principal.ts'

export interface QuestionDeps {
  /** The session as it is now, past any cache; null when it is gone. Rejects when that cannot be known. */
  readonly recheck: (sessionId: string) => Promise<Session | null>
  /** Milliseconds. */
  readonly monotonic: () => number
  readonly onAnswer: (sessionId: string, session: Session | null) => void
  /** It cannot be known at the moment; it is asked again at the next `tick`. */
  readonly onUnknown: (sessionId: string) => void
}

export interface Urgency {
  /** Nothing depends on it but what a page shows: it is asked again until there is an answer, and nothing ends without one. */
  readonly canWait: boolean
}

interface Question {
  canWait: boolean
  /** When it was first put; null while it waits for its turn. */
  askedAtMs: number | null
  isUnderWay: boolean
}

/** How long it may stay unknown whether a session still lives, milliseconds. */
const patienceMs = 5000
const urgent: Urgency = { canWait: false }
/** Whoever is asked has other things to do as well. */
const maxUnderWay = 16

/** Which sessions are being asked after: each once at a time, and few at once. */
export class Questions {
  readonly #deps: QuestionDeps
  readonly #all = new Map<string, Question>()
  #waiting: string[] = []
  #underWay = 0

  constructor(deps: QuestionDeps) {
    this.#deps = deps
  }

  /** Asks, unless that is under way. */
  ask(sessionId: string, { canWait }: Urgency = urgent): void {
    const known = this.#all.get(sessionId)
    if (known !== undefined) {
      if (known.canWait && !canWait) this.#hurry(known)
      return
    }
    this.#all.set(sessionId, { canWait, askedAtMs: null, isUnderWay: false })
    this.#waiting.push(sessionId)
    this.#next()
  }

  /** Asks anew: an answer that is under way may be older than what has happened. */
  askAnew(sessionId: string, { canWait }: Urgency = urgent): void {
    const known = this.#all.get(sessionId)
    this.#all.delete(sessionId)
    this.ask(sessionId, { canWait: canWait && known?.canWait !== false })
  }

  /** Nobody wants to know any more. */
  forget(sessionId: string): void {
    this.#all.delete(sessionId)
  }

  /** Asks again what could not be answered. Returns the sessions of which nothing has been known for too long. */
  tick(): readonly string[] {
    const since = this.#deps.monotonic() - patienceMs
    const overdue: string[] = []
    for (const [sessionId, question] of this.#all) {
      if (question.askedAtMs === null) continue
      if (question.askedAtMs <= since && !question.canWait) overdue.push(sessionId)
      else if (!question.isUnderWay) this.#put(sessionId, question)
    }
    return overdue
  }

  /** How long it has waited until now does not count. */
  #hurry(question: Question): void {
    question.canWait = false
    if (question.askedAtMs !== null) question.askedAtMs = this.#deps.monotonic()
  }

  #next(): void {
    while (this.#underWay < maxUnderWay) {
      const sessionId = this.#waiting.shift()
      if (sessionId === undefined) return
      const question = this.#all.get(sessionId)
      if (question?.askedAtMs === null) this.#put(sessionId, question)
    }
  }

  #put(sessionId: string, question: Question): void {
    question.askedAtMs ??= this.#deps.monotonic()
    question.isUnderWay = true
    this.#underWay += 1
    this.#deps
      .recheck(sessionId)
      .then(
        (session) => {
          // An answer to a question that nobody asks any more may be older than what was said since.
          if (this.#all.get(sessionId) !== question) return
          this.#all.delete(sessionId)
          this.#deps.onAnswer(sessionId, session)
        },
        () => {
          question.isUnderWay = false
          if (this.#all.get(sessionId) === question) this.#deps.onUnknown(sessionId)
        },
      )
      .finally(() => {
        this.#underWay -= 1
        this.#next()
      })
  }
}

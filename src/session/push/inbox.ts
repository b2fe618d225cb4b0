import type { Clock } from '../../clock.ts'
import { parseEvent, type RevocationEvent } from '../revocation/event.ts'
import { silenceMs, verifyPush, type PushHead } from './format.ts'
import { Senders } from './senders.ts'

export interface PushInboxOptions {
  readonly secret: string
  readonly clock: Clock
  readonly say: (event: RevocationEvent) => void
  /** Writes down what was pushed to the one gateway that its sender has chosen for that. */
  readonly record?: (event: RevocationEvent) => void
  /** The channel has come up, or has gone down: something may be said that does not arrive. */
  readonly onState: (isUp: boolean) => void
  /** Pushes remembered at once, so that none is taken twice; beyond that none is taken. */
  readonly max?: number
}

/** What came of a push. Why one was refused is nobody's business. */
export type PushVerdict = 'accepted' | 'refused' | 'malformed'

/** How far a sender's clock may be from ours, and how long a push may be under way, milliseconds. */
const windowMs = 30_000
/** Some minute's worth of four hundred senders. */
const maxRemembered = 100_000
const idGrammar = /^[A-Za-z0-9_-]{8,64}$/

/**
 * Takes what our plugin in a remote Better Auth pushes: signed, not older than half a minute, each once. After a restart a push of the last half minute could be
 * taken again; all it can do is make us forget what we would look up anew.
 */
export class PushInbox {
  readonly #options: PushInboxOptions
  readonly #senders: Senders
  /** Until when each id is remembered, by the monotonic clock; the oldest first. */
  readonly #seen = new Map<string, number>()
  readonly #timer: NodeJS.Timeout
  #isUp = false

  constructor(options: PushInboxOptions) {
    this.#options = options
    this.#senders = new Senders(options.clock.monotonic)
    this.#timer = setInterval(() => {
      this.look()
    }, silenceMs / 3).unref()
  }

  /** Whether every sender that there is has shown itself lately. Without one, nothing would be heard. */
  get isUp(): boolean {
    return this.#senders.areHeard()
  }

  /** Not checked: the size of the body. */
  accept(head: PushHead, body: Uint8Array): PushVerdict {
    if (!this.#isTimely(head) || !verifyPush(this.#options.secret, head, body)) return 'refused'
    if (!this.#isFirst(head.id)) return 'refused'
    const push = parsePush(body)
    if (push === null) return 'malformed'
    this.#senders.hear(push.sender)
    for (const event of push.events) {
      this.#options.say(event)
      if (push.records) this.#options.record?.(event)
    }
    this.look()
    return 'accepted'
  }

  /** Tells of a change of state; called by its own timer and with every push. */
  look(): void {
    const { isUp } = this
    if (isUp === this.#isUp) return
    this.#isUp = isUp
    this.#options.onState(isUp)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #isTimely({ id, timestamp }: PushHead): boolean {
    if (!idGrammar.test(id) || !/^\d{1,12}$/.test(timestamp)) return false
    return Math.abs(Number(timestamp) * 1000 - this.#options.clock.now()) <= windowMs
  }

  /** Remembers the id. Where no more can be remembered, none is taken: what is forgotten could come again. */
  #isFirst(id: string): boolean {
    const now = this.#options.clock.monotonic()
    for (const [old, untilMs] of this.#seen) {
      if (untilMs > now) break
      this.#seen.delete(old)
    }
    if (this.#seen.has(id) || this.#seen.size >= (this.#options.max ?? maxRemembered)) return false
    // Its time may be as far ahead of ours as the window allows, and counts for as long again; a second for the parts that it lacks.
    this.#seen.set(id, now + 2 * windowMs + 1000)
    return true
  }
}

interface Push {
  readonly sender: string
  readonly events: readonly RevocationEvent[]
  /** Of all gateways that hear of it, this one is to write it down. */
  readonly records: boolean
}

function parsePush(body: Uint8Array): Push | null {
  const { sender, events, records } = parseObject(body)
  if (typeof sender !== 'string' || sender.length > 64 || !Array.isArray(events)) return null
  return { sender, events: events.flatMap(toEvents), records: records === true }
}

/** A sender of a later release may say things that this one does not know: they may concern anybody. */
function toEvents(value: unknown): readonly RevocationEvent[] {
  if ((value as { readonly kind?: unknown } | null)?.kind === 'heartbeat') return []
  return [parseEvent(value) ?? { kind: 'everything-changed' }]
}

function parseObject(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

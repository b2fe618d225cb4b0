import { randomUUID } from 'node:crypto'
import { heartbeatMs, pushHeaders, pushPath, signPush } from '../session/push/format.ts'
import type { RevocationEvent } from '../session/revocation/event.ts'

export interface ChannelOptions {
  /** Origin of a gateway. */
  readonly gateway: string
  readonly secret: string
  /** This gateway, of all that are told, writes an audit log of it. */
  readonly records?: boolean
  /** Names this process. */
  readonly sender: string
  readonly fetch: typeof fetch
  /** Says once what is wrong, and that it is over. */
  readonly log: (level: 'warn' | 'info', message: string) => void
}

/** What one push may hold, so that it stays below what gateways accept. */
const maxBatch = 100
/** Beyond this it is enough to say that everything may have changed. */
const maxWaiting = 1000
const requestMs = 1000
const minPauseMs = 100
const maxPauseMs = 2000

/**
 * Brings events to one gateway, in their order, each until it has been taken. One push is under way at a time; what comes meanwhile goes with the next. Without anything
 * to say it shows itself four times a second.
 */
export class Channel {
  readonly #options: ChannelOptions
  #waiting: RevocationEvent[] = []
  #underWay: Promise<void> | null = null
  #pauseMs = minPauseMs
  #retry: NodeJS.Timeout | null = null
  #isFailing = false
  readonly #timer: NodeJS.Timeout

  constructor(options: ChannelOptions) {
    this.#options = options
    this.#timer = setInterval(() => {
      if (this.#underWay === null && this.#retry === null) void this.#push()
    }, heartbeatMs)
    // It keeps no process alive.
    this.#timer.unref()
  }

  say(event: RevocationEvent): void {
    this.#waiting =
      this.#waiting.length < maxWaiting
        ? [...this.#waiting, event]
        : [{ kind: 'everything-changed' }]
    if (this.#retry === null) void this.#push()
  }

  /** Resolves when everything has been taken, or at once while the gateway takes nothing: nobody waits for an outage twice. */
  async flushed(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#isFailing) await this.#push()
  }

  stop(): void {
    clearInterval(this.#timer)
    if (this.#retry !== null) clearTimeout(this.#retry)
  }

  #push(): Promise<void> {
    this.#underWay ??= this.#send().finally(() => {
      this.#underWay = null
      if (this.#waiting.length > 0 && this.#retry === null) void this.#push()
    })
    return this.#underWay
  }

  async #send(): Promise<void> {
    const batch = this.#waiting.slice(0, maxBatch)
    const reason = await this.#post(batch.length > 0 ? batch : [{ kind: 'heartbeat' }])
    if (reason !== null) {
      this.#fail(reason)
      return
    }
    // What is waiting may have been replaced meanwhile; an event that is said twice does no harm.
    if (this.#waiting[0] === batch[0]) this.#waiting = this.#waiting.slice(batch.length)
    this.#pauseMs = minPauseMs
    if (this.#isFailing) this.#options.log('info', `${this.#options.gateway} takes revocations`)
    this.#isFailing = false
  }

  #fail(reason: string): void {
    if (!this.#isFailing) {
      this.#options.log('warn', `${this.#options.gateway} takes no revocations: ${reason}`)
    }
    this.#isFailing = true
    this.#retry = setTimeout(() => {
      this.#retry = null
      void this.#push()
    }, this.#pauseMs)
    this.#retry.unref()
    this.#pauseMs = Math.min(this.#pauseMs * 2, maxPauseMs)
  }

  /** Why the gateway did not take it, or null. Never rejects. */
  async #post(events: readonly object[]): Promise<string | null> {
    const { gateway, secret, sender, records = false, fetch: send } = this.#options
    const body = JSON.stringify({ sender, events, records })
    const head = { id: randomUUID(), timestamp: String(Math.floor(Date.now() / 1000)) }
    try {
      const answer = await send(gateway + pushPath, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          [pushHeaders.id]: head.id,
          [pushHeaders.timestamp]: head.timestamp,
          [pushHeaders.signature]: signPush(secret, head, body),
        },
        body,
        redirect: 'error',
        // Next.js remembers answers unless it is told not to.
        cache: 'no-store',
        signal: AbortSignal.timeout(requestMs),
      })
      const text = await answer.text()
      return answer.status === 204 ? null : `status ${answer.status}${codeIn(text)}`
    } catch (error) {
      const { name, cause } = error as Error & { readonly cause?: { readonly code?: string } }
      return cause?.code ?? name
    }
  }
}

/** The code of a problem body: what whoever set this up needs to know. */
function codeIn(text: string): string {
  const code = /"code":"([a-z_]{1,40})"/.exec(text)?.[1]
  if (code === undefined) return ''
  const hints: Readonly<Record<string, string>> = {
    host_unknown: ': name this address in server.hosts of the gateway',
    token_not_accepted: ': the secret is not auth.pushSecret there, or the clocks differ',
    route_not_found: ': auth.pushSecret is not set there',
  }
  return ` ${code}${hints[code] ?? ''}`
}

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { FastifyBaseLogger } from 'fastify'
import type { UpstreamService, WebSocketConfig } from '../../../config/types.ts'
import { isRefusal, withHeaders, type Refusal } from '../../../errors/refusal.ts'
import type { LiveConnections } from '../../../live/port.ts'
import type { Turn } from '../../../upstream/http1/turn.ts'
import type { Lease, Target, Upstream } from '../../../upstream/port.ts'
import { neverSent, toRefusal } from '../../failure.ts'
import { clientHeadersOf, upstreamHeadersOf } from '../../headers/admitted.ts'
import type { HeaderRules } from '../../headers.ts'
import { explain401, explains401, hint401 } from '../../unauthorized.ts'
import { dial, type CallEvents } from './dial.ts'
import { accept, type PeerSocket } from '../relay/peer.ts'
import type { Handshake } from '../port.ts'
import { passOn, takeOver } from './refused.ts'
import { Relay } from '../relay/relay.ts'
import { list, reportTo, type Stage } from './stage.ts'

export interface OpeningDeps {
  readonly upstream: Upstream
  readonly headers: HeaderRules
  readonly live: LiveConnections
  readonly turn: Turn
  readonly log: FastifyBaseLogger
  /** Answers the client in our words; called at most once, and only while nothing has been said to it. */
  readonly refuse: (refusal: Refusal) => void
}

/** An admitted handshake with what it came with. */
export interface Opened {
  readonly request: IncomingMessage
  readonly socket: Duplex
  /** What came after its head. */
  readonly bytes: Buffer
  readonly arrival: Handshake
  readonly service: UpstreamService
  readonly rules: WebSocketConfig
  readonly protocols: readonly string[]
}

const maxEarlyBytes = 65_536

/**
 * One handshake from its admission to its end: registered, dialled at FastAPI, and only then accepted. It is registered before
 * FastAPI is called, so that a session that is revoked meanwhile ends it too.
 */
export class Opening {
  readonly #opened: Opened
  readonly #deps: OpeningDeps
  readonly #stage: Stage = { current: this }
  #unregister: (() => void) | null = null
  #hangUp: (() => void) | null = null
  #lease: Lease | null = null
  #isOver = false
  readonly #early: Buffer[] = []
  #earlyBytes = 0

  constructor(opened: Opened, deps: OpeningDeps) {
    this.#opened = opened
    this.#deps = deps
  }

  start(): void {
    const { socket, arrival } = this.#opened
    const registered = list(arrival, this.#stage, this.#deps.live)
    if (isRefusal(registered)) {
      this.#refuse(registered)
      return
    }
    this.#unregister = registered
    socket.once('close', this.#onGone)
    socket.once('end', this.#onGone)
    // Read while we dial: in a socket that nobody reads, nobody sees its end behind what came before.
    socket.on('data', this.#onEarly)
    this.#dial([])
  }

  /** Its session ended, or the gateway goes, before FastAPI has answered. */
  end(reason: Refusal): void {
    if (this.#isOver) return
    this.#hangUp?.()
    this.#lease?.release()
    this.#refuse(reason)
  }

  #dial(failed: readonly Target[]): void {
    const lease = this.#deps.upstream.acquire(failed)
    if (isRefusal(lease)) {
      this.#refuse(lease)
      return
    }
    this.#lease = lease
    const { service, rules, protocols, arrival } = this.#opened
    const { config } = this.#deps.upstream
    arrival.journey.sent(config.name, lease.target.origin)
    this.#hangUp = dial(
      {
        target: lease.target,
        path: arrival.admission.target.target,
        headers: upstreamHeadersOf(this.#opened.arrival, this.#deps.headers),
        protocols,
        maxMessageBytes: rules.maxMessageBytes,
        connectMs: config.timeout.connectMs,
        firstByteMs: service.timeout.firstByteMs,
      },
      this.#callEvents(lease, failed),
    )
  }

  #callEvents(lease: Lease, failed: readonly Target[]): CallEvents {
    return {
      onAccepted: (peer, upstreamSocket, headers, protocol) => {
        lease.answered()
        this.#opened.arrival.journey.answered()
        lease.release()
        this.#accept(peer, upstreamSocket, headers, protocol)
      },
      onRefused: (response) => {
        lease.answered()
        this.#opened.arrival.journey.answered()
        this.#passOn(response, lease)
      },
      onFailed: (error) => {
        lease.failed(error)
        lease.release()
        const refusal = toRefusal(error)
        this.#log({ err: error }, refusal.code)
        const mayTryAgain = failed.length < this.#deps.upstream.config.retry.attempts
        if (mayTryAgain && neverSent(error)) {
          this.#opened.arrival.journey.resends(refusal.code)
          this.#dial([...failed, lease.target])
        } else this.#refuse(refusal)
      },
    }
  }

  #accept(
    upstream: PeerSocket,
    upstreamSocket: Socket,
    headers: readonly string[],
    protocol: string | null,
  ): void {
    const { request, socket, bytes, rules, arrival } = this.#opened
    this.#over()
    const client = accept(request, socket, Buffer.concat([bytes, ...this.#early]), {
      protocol,
      headers: clientHeadersOf(101, headers, arrival, this.#deps.headers),
      maxMessageBytes: rules.maxMessageBytes,
    })
    if (client === null) {
      upstream.terminate()
      this.#unregister?.()
      return
    }
    if (this.#unregister !== null) client.once('close', this.#unregister)
    arrival.journey.begins(101)
    this.#stage.current = new Relay(
      { peer: client, socket },
      { peer: upstream, socket: upstreamSocket },
      { idleMs: rules.idleMs, turn: this.#deps.turn, onEnd: reportTo(this.#deps.log, arrival) },
    )
  }

  #passOn(response: IncomingMessage, lease: Lease): void {
    const { socket, arrival, service } = this.#opened
    const { admission } = arrival
    this.#hangUp = () => {
      response.destroy()
    }
    if (response.statusCode === 401 && explains401(admission)) {
      takeOver(response, service.timeout, (body) => {
        lease.release()
        if (this.#isOver) return
        if (admission.principal !== null) this.#log({}, hint401)
        this.#refuse(explain401(admission, body))
      })
      return
    }
    // This is no stream any more, and from here on nobody else may say anything on it.
    this.#unregister?.()
    const { statusCode = 502, rawHeaders } = response
    const headers = clientHeadersOf(statusCode, rawHeaders, arrival, this.#deps.headers)
    arrival.journey.begins(statusCode)
    passOn(response, socket, headers, service.timeout, () => {
      lease.release()
      this.#over()
    })
  }

  #refuse(refusal: Refusal): void {
    this.#over()
    this.#unregister?.()
    this.#deps.refuse(withHeaders(refusal, this.#opened.arrival.admission.answerHeaders))
  }

  /** Whatever comes after this is somebody else's business. */
  #over(): void {
    this.#isOver = true
    const { socket } = this.#opened
    socket.off('close', this.#onGone)
    socket.off('end', this.#onGone)
    socket.off('data', this.#onEarly)
  }

  /** RFC 6455 §4.1: a client has to wait for the answer. A little too early is kept for the relay; a lot is an attack. */
  readonly #onEarly = (chunk: Buffer): void => {
    this.#early.push(chunk)
    this.#earlyBytes += chunk.length
    if (this.#earlyBytes > maxEarlyBytes) this.#onGone()
  }

  /** The client left before it was answered: nothing of it stays. */
  readonly #onGone = (): void => {
    this.#over()
    this.#hangUp?.()
    this.#lease?.release()
    this.#unregister?.()
    this.#opened.socket.destroy()
  }

  #log(more: object, message: string): void {
    const { requestId, admission } = this.#opened.arrival
    this.#deps.log.warn({ requestId, route: admission.route.name, ...more }, message)
  }
}

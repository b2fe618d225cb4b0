import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Refusal } from '../../errors/refusal.ts'
import type { RequestHead } from '../../head.ts'
import type { Journey } from '../../ops/access/journey.ts'
import type { Forwarded } from '../../pipeline.ts'

/** What has walked the road. */
export interface Handshake {
  readonly head: RequestHead
  readonly requestId: string
  readonly clientAddress: string
  readonly admission: Forwarded
  readonly journey: Journey
}

/** What the server hands handshakes to. Made once per snapshot. */
export interface WebSocketProxy {
  /** Takes an admitted handshake over, with its socket and the bytes that came after it. */
  open(request: IncomingMessage, socket: Duplex, bytes: Buffer, arrival: Handshake): void
  /** Answers a refused one so that whoever asked can read why. */
  refuse(
    request: IncomingMessage,
    socket: Duplex,
    bytes: Buffer,
    head: RequestHead,
    refusal: Refusal,
    journey: Journey,
  ): void
}

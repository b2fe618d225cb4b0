import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyBaseLogger } from 'fastify'
import { entryOf } from '../../errors/catalogue.ts'
import { isRefusal, refuse, type Refusal } from '../../errors/refusal.ts'
import type { RequestHead } from '../../head.ts'
import type { LiveConnections } from '../../live/port.ts'
import { Turn } from '../../upstream/http1/turn.ts'
import type { Upstream } from '../../upstream/port.ts'
import type { Journey } from '../../ops/access/journey.ts'
import type { HeaderRules } from '../headers.ts'
import { closeCodeOf } from './relay/close-code.ts'
import { readOffer } from './opening/offer.ts'
import { Opening } from './opening/opening.ts'
import { accept } from './relay/peer.ts'
import type { Handshake, WebSocketProxy } from './port.ts'
import { letGo } from '../../errors/handler.ts'

export interface WebSocketProxyDeps {
  readonly upstreams: ReadonlyMap<string, Upstream>
  readonly headers: HeaderRules
  readonly live: LiveConnections
  readonly log: FastifyBaseLogger
  /** Writes a problem body on the socket and ends it. Returns the status. */
  readonly answerRaw: (
    socket: Duplex,
    refusal: Refusal,
    head: RequestHead,
    requestId: string,
  ) => number
}

/** Of a message that nobody reads, bytes. */
const unreadMessageBytes = 1024

/**
 * Takes WebSocket handshakes that have walked the road. What is opened is ended by `live`, by either side, or with its socket.
 * Origin, credentials and the route were judged before; the handshake itself is judged here.
 */
export function createWebSocketProxy(given: WebSocketProxyDeps): WebSocketProxy {
  const deps = { ...given, turn: new Turn() }
  return {
    open: (request, socket, bytes, arrival) => {
      open(request, socket, bytes, arrival, deps)
    },
    refuse: (request, socket, bytes, head, refusal, journey) => {
      refuseHandshake({ request, socket, bytes, head, refusal, journey }, deps)
    },
  }
}

function open(
  request: IncomingMessage,
  socket: Duplex,
  bytes: Buffer,
  arrival: Handshake,
  deps: WebSocketProxyDeps & { readonly turn: Turn },
): void {
  socket.on('error', destroyIt)
  const { head, journey, admission } = arrival
  const { serve, websocket } = admission.route
  const giveBack = (refusal: Refusal): void => {
    refuseHandshake({ request, socket, bytes, head, refusal, journey }, deps)
  }
  const offer = readOffer(request)
  if (isRefusal(offer)) {
    giveBack(offer)
    return
  }
  if (websocket === null || serve.kind !== 'upstream') {
    giveBack(refuse('upgrade_not_allowed'))
    return
  }
  const upstream = deps.upstreams.get(serve.upstream)
  if (upstream === undefined) throw new Error(`no upstream ${serve.upstream}`)
  const { protocols } = offer
  new Opening(
    { request, socket, bytes, arrival, service: serve, rules: websocket, protocols },
    {
      upstream,
      headers: deps.headers,
      live: deps.live,
      turn: deps.turn,
      log: deps.log,
      refuse: giveBack,
    },
  ).start()
}

interface RefusedHandshake {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly bytes: Buffer
  readonly head: RequestHead
  readonly refusal: Refusal
  readonly journey: Journey
}

/**
 * Refuses a handshake so that whoever asked can read why. A browser cannot read the answer to one that fails; where it has to sign
 * in or may not come in, it is let in and told in a close frame. Everybody else gets HTTP.
 */
function refuseHandshake(refused: RefusedHandshake, deps: WebSocketProxyDeps): void {
  const { socket, head, refusal, journey } = refused
  if (socket.destroyed) return
  socket.on('error', destroyIt)
  journey.refused(refusal.code)
  if (isForBrowser(refused) && acceptAndClose(refused)) {
    letGo(socket)
    journey.begins(101)
  } else journey.begins(deps.answerRaw(socket, refusal, head, journey.requestId))
  journey.end()
}

/** No closure: it stays for as long as the socket does, and would keep the whole request with it. */
function destroyIt(this: Duplex): void {
  this.destroy()
}

function isForBrowser({ head, refusal }: RefusedHandshake): boolean {
  const { status } = entryOf(refusal.code)
  return head.origin !== null && (status === 401 || status === 403)
}

function acceptAndClose({ request, socket, bytes, refusal, journey }: RefusedHandshake): boolean {
  const offer = readOffer(request)
  if (isRefusal(offer)) return false
  const peer = accept(request, socket, bytes, {
    // Browsers fail a handshake that answers none of the subprotocols they offered.
    protocol: offer.protocols[0] ?? null,
    headers: ['x-request-id', journey.requestId],
    maxMessageBytes: unreadMessageBytes,
  })
  peer?.finish(closeCodeOf(refusal), refusal.code)
  return true
}

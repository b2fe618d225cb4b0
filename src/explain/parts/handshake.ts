import type { Refusal } from '../../errors/refusal.ts'
import { isRefusal, refuse } from '../../errors/refusal.ts'
import type { RequestHead } from '../../head.ts'
import type { Admission } from '../../pipeline.ts'
import {
  isHandshake,
  readOffer,
  type HandshakeHead,
  type Offer,
} from '../../proxy/websocket/opening/offer.ts'

/**
 * Whether a request is handed over with its socket, to switch to WebSocket. One that names the protocol in `Upgrade` and is no handshake
 * is a request like any other, once it is admitted.
 */
export function opensWebSocket(head: RequestHead): boolean {
  return isHandshake(asNodeHas(head))
}

/** What a handshake offers, or why it cannot be answered with 101: by the function that judges it for the server. */
export function offerOf(head: RequestHead): Offer | Refusal {
  return readOffer(asNodeHas(head))
}

/** What an admitted handshake is refused for all the same; null: nothing, or it is none. */
export function judgeHandshake(head: RequestHead, admission: Admission): Refusal | null {
  if (!opensWebSocket(head)) return null
  if (admission.kind !== 'forward') return refuse('upgrade_not_allowed')
  const offer = offerOf(head)
  return isRefusal(offer) ? offer : null
}

/** Repetitions are joined; of those that Node does not join, none is looked at here. */
function asNodeHas({ method, rawHeaders }: RequestHead): HandshakeHead {
  const headers: Record<string, string> = {}
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    const value = rawHeaders[index + 1] ?? ''
    headers[name] = Object.hasOwn(headers, name) ? `${String(headers[name])}, ${value}` : value
  }
  return { method, httpVersion: '1.1', headers }
}

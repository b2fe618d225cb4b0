import type { IncomingMessage } from 'node:http'
import { refuse, type Refusal } from '../../../errors/refusal.ts'
import { isWebSocket } from '../../../head.ts'

/** A request with its headers as Node joins them. */
export type HandshakeHead = Pick<IncomingMessage, 'method' | 'httpVersion' | 'headers'>

/** What a client offers in a handshake that can be answered. */
export interface Offer {
  /** Subprotocols in the client's order. */
  readonly protocols: readonly string[]
}

const version = '13'
// RFC 6455 §4.1: sixteen bytes in base64.
const key = /^[A-Za-z0-9+/]{22}==$/
// RFC 9110 §5.6.2.
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/**
 * Whether a request asks to be handed over with its socket. Any other protocol in `Upgrade` is ignored, as RFC 9110 §7.8 allows, and
 * the request is one like any other; a handshake with a body is none.
 */
export function isHandshake({ headers }: Pick<HandshakeHead, 'headers'>): boolean {
  const { upgrade, connection } = headers
  const asks = /(?:^|[\s,])upgrade(?:$|[\s,])/i.test(connection ?? '')
  return asks && isWebSocket({ upgrade: upgrade ?? null }) && !announcesBody(headers)
}

function announcesBody(headers: HandshakeHead['headers']): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/**
 * Reads the client's part of the opening handshake (RFC 6455 §4.2.1). `Host`, `Origin` and the path are not looked at: the
 * road did that. Refusals: `upgrade_not_allowed` for another protocol beside ours, `request_malformed` for the rest.
 */
export function readOffer({ method, httpVersion, headers }: HandshakeHead): Offer | Refusal {
  if (headers.upgrade?.toLowerCase() !== 'websocket') return refuse('upgrade_not_allowed')
  if (method !== 'GET' || httpVersion !== '1.1') {
    return malformed('A WebSocket handshake is a GET request of HTTP/1.1.')
  }
  // Any other version would have its origin in another header (draft 8), or frames that we do not know.
  if (headers['sec-websocket-version'] !== version) {
    const detail = `Only version ${version} of the WebSocket protocol is spoken here.`
    return refuse('request_malformed', { detail, headers: { 'sec-websocket-version': version } })
  }
  if (!key.test(headers['sec-websocket-key'] ?? '')) {
    return malformed('The Sec-WebSocket-Key header is missing or is not a key.')
  }
  const protocols = readProtocols(headers['sec-websocket-protocol'])
  return protocols === null
    ? malformed('The Sec-WebSocket-Protocol header is not a list of different names.')
    : { protocols }
}

/** RFC 6455 §4.1: one or more different tokens. Null when it is anything else. */
function readProtocols(value: string | undefined): readonly string[] | null {
  if (value === undefined) return []
  const names = value.split(',').map((name) => name.trim())
  const isList = names.every((name) => token.test(name)) && new Set(names).size === names.length
  return isList ? names : null
}

function malformed(detail: string): Refusal {
  return refuse('request_malformed', { detail })
}

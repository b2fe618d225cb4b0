import { refuse, type Refusal } from '../errors/refusal.ts'
import {
  ConnectFailed,
  ConnectionLost,
  FirstByteTimeout,
  IdleTimeout,
  InvalidAnswer,
  InvalidRequest,
} from '../upstream/http1/failure.ts'

/** The client closed its connection before the exchange was complete. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

/** A request body turned out larger than its route accepts. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge'
}

/** The client sends its body more slowly than a client may. */
export class BodyTooSlow extends Error {
  override readonly name = 'BodyTooSlow'
}

/** What Node says of connections that cannot be had or that break, where a WebSocket is dialled. */
const unreachable = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
])

/**
 * What a failed exchange with FastAPI becomes, when nothing has been answered yet: the one place where transport errors
 * get a code of ours. Their messages, which hold addresses, stay in the log.
 */
export function toRefusal(error: Error): Refusal {
  if (error instanceof BodyTooLarge) return refuse('body_too_large')
  if (error instanceof BodyTooSlow) {
    // The rest would come as slowly.
    const headers = { connection: 'close' }
    return refuse('request_malformed', { detail: 'The request body came too slowly.', headers })
  }
  // What we are asked to send besides our own headers is the client's.
  if (error instanceof InvalidRequest) return refuse('request_malformed')
  if (error instanceof FirstByteTimeout || error instanceof IdleTimeout) {
    return refuse('upstream_timeout')
  }
  if (error instanceof InvalidAnswer) return refuse('upstream_invalid')
  // A certificate that does not verify is a peer that is not FastAPI: there is nobody to reach.
  if (error instanceof ConnectFailed || error instanceof ConnectionLost) {
    return refuse('upstream_unreachable')
  }
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const isTls = code.startsWith('ERR_TLS_') || code.includes('CERT') || code.includes('SSL')
  return refuse(unreachable.has(code) || isTls ? 'upstream_unreachable' : 'upstream_invalid')
}

/** Whether a failure is the client's doing, and so says nothing of the upstream. */
export function isClients({ code }: Refusal): boolean {
  return code === 'body_too_large' || code === 'request_malformed'
}

/** Whether a request failed before a byte of it can have reached anybody. A reset connection may have carried it. */
export function neverSent(error: Error): boolean {
  return error instanceof ConnectFailed
}

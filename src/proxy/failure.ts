import { refuse, type Refusal } from '../errors/refusal.ts'
import { ConnectFailed } from '../upstream/pool.ts'
import { UpstreamIdle } from './exchange.ts'
import { BodyTooLarge, BodyTooSlow } from './upload.ts'

const unreachable = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
])

/** undici's words for an interim answer that nobody asked for: 100, and 101. */
const notHttp = new Set(['bad response', 'bad upgrade'])

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
  if (error instanceof UpstreamIdle) return refuse('upstream_timeout')
  // A certificate that does not verify is a peer that is not FastAPI: there is nobody to reach.
  if (error instanceof ConnectFailed) return refuse('upstream_unreachable')
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return refuse('upstream_timeout')
  }
  // undici refuses to send it, and what it is asked to send besides our own headers is the client's.
  if (code === 'UND_ERR_INVALID_ARG') return refuse('request_malformed')
  // The same code as for a connection that broke, but here somebody has spoken.
  if (notHttp.has(error.message)) return refuse('upstream_invalid')
  // The same from `ws`, which dials by itself.
  const isTls = code.startsWith('ERR_TLS_') || code.includes('CERT') || code.includes('SSL')
  return refuse(unreachable.has(code) || isTls ? 'upstream_unreachable' : 'upstream_invalid')
}

/** Whether a failure is the client's doing, and so says nothing of the upstream. */
export function isClients({ code }: Refusal): boolean {
  return code === 'body_too_large' || code === 'request_malformed'
}

const beforeConnected = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Whether a request failed before a byte of it can have reached anybody. A reset connection may have carried it. */
export function neverSent(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException
  return error instanceof ConnectFailed || beforeConnected.has(code ?? '')
}

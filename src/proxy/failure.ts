import { refuse, type Refusal } from '../errors/refusal.ts'
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

/**
 * What a failed exchange with FastAPI becomes, when nothing has been answered yet: the one place where transport errors
 * get a code of ours. Their messages, which hold addresses, stay in the log.
 */
export function toRefusal(error: Error): Refusal {
  if (error instanceof BodyTooLarge) return refuse('body_too_large')
  if (error instanceof BodyTooSlow) {
    return refuse('request_malformed', { detail: 'The request body came too slowly.' })
  }
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return refuse('upstream_timeout')
  }
  // A certificate that does not verify is a peer that is not FastAPI: there is nobody to reach.
  const isTls = code.startsWith('ERR_TLS_') || code.includes('CERT') || code.includes('SSL')
  return refuse(unreachable.has(code) || isTls ? 'upstream_unreachable' : 'upstream_invalid')
}

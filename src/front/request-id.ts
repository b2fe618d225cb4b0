import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** An inbound `X-Request-Id` is kept when it is one plain word, so that it can be followed through the logs. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[A-Za-z0-9._-]{8,64}$/.test(given) ? given : randomUUID()
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { problemOf, type Problem } from './problems.ts'

/** Of every answer of the console. There is no CORS, and nothing here is for another page: not as a script, an image or a frame. */
export const commonHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
}

const dataCsp = "default-src 'none'; frame-ancestors 'none'"
/** The longest body that is read, bytes. */
const maxBody = 4096

export function sendJson(
  response: ServerResponse,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  { status = 200, type = 'application/json; charset=utf-8' } = {},
): void {
  response.writeHead(status, {
    ...commonHeaders,
    'content-type': type,
    'content-security-policy': dataCsp,
    ...headers,
  })
  response.end(JSON.stringify(body))
}

export function sendProblem(
  response: ServerResponse,
  code: Problem,
  headers: Readonly<Record<string, string>> = {},
): void {
  const { status, body } = problemOf(code)
  const challenge = status === 401 ? { 'www-authenticate': 'Bearer realm="sallyport console"' } : {}
  const type = 'application/problem+json'
  sendJson(response, body, { ...challenge, ...headers }, { status, type })
}

/** The JSON object in the body of a request; null for anything else, or more than 4 kB. Never rejects. */
export async function readObject(
  request: IncomingMessage,
): Promise<Readonly<Record<string, unknown>> | null> {
  // A form of another page cannot have this type without asking first, and is never allowed to.
  if (!/^application\/json *(?:;|$)/i.test(request.headers['content-type'] ?? '')) return null
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > maxBody) return null
      chunks.push(chunk)
    }
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Readonly<Record<string, unknown>>) : null
  } catch {
    return null
  }
}

import type { VerifyDialect } from '../../config/types.ts'
import { refuse, type Refusal } from '../../errors/refusal.ts'
import { readHead, type RequestHead } from '../../head.ts'

/** Where forward-auth is asked. */
export const verifyPath = '/_gateway/verify'

/** The question of a proxy, as it came. */
export interface Question {
  readonly method: string
  readonly target: string
  readonly rawHeaders: readonly string[]
  /** Stands for the connection that it came over. */
  readonly connection: object
  /** Of the client who sent the request that is asked about. */
  readonly address: string
}

/** What is asked about: what stood in the request line and in `Host`. */
interface Original {
  readonly method: string
  readonly uri: string
  readonly host: string
}

// RFC 9110 §9.1, in the form of every method that is in use.
const methodGrammar = /^[A-Z]{1,32}$/
/** What is about the question itself, and not about the request that it asks about. */
const ofTheQuestion = new Set(['host', 'content-length', 'transfer-encoding', 'content-type', 'te'])

/**
 * The head of the request that a proxy asks about. Where and how it was made is told by the headers of the proxy's dialect alone, each of them once; everything else, credentials
 * above all, is in the headers that the proxy passes on.
 *
 * Refusals: `request_malformed` where one of these headers is missing, repeated or unusable. Not checked: that the proxy wrote them and not its client; that
 * is up to how the proxy is set up (docs/forward-auth.md).
 */
export function readAsked(question: Question, dialect: VerifyDialect): RequestHead | Refusal {
  const original = readOriginal(question, dialect)
  const isUsable = original !== null && original.host !== '' && methodGrammar.test(original.method)
  const { rawHeaders, connection, address } = question
  const isWhole = isUsable && countOf(rawHeaders, 'x-forwarded-for') > 0
  if (!isWhole || !original.uri.startsWith('/')) return refuse('request_malformed', { detail })
  const headers = ['host', original.host]
  let isHandshake = false
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? ''
    // Proxies leave `Upgrade` out of a question, but no page can write or leave out a header of this name (Fetch §2.2.2).
    if (name === 'sec-websocket-key') isHandshake = true
    if (!ofTheQuestion.has(name)) headers.push(name, rawHeaders[index + 1] ?? '')
  }
  if (isHandshake) headers.push('upgrade', 'websocket')
  return readHead(original.method, original.uri, headers, connection, address)
}

const detail =
  'A proxy has to say which request it asks about: method, host and URI, each of them once, and who sent it.'

function readOriginal(question: Question, dialect: VerifyDialect): Original | null {
  switch (dialect) {
    case 'nginx':
      return readNginx(question.rawHeaders)
    case 'traefik':
    case 'caddy':
      return toOriginal(
        valueOf(question.rawHeaders, 'x-forwarded-method'),
        valueOf(question.rawHeaders, 'x-forwarded-uri'),
        valueOf(question.rawHeaders, 'x-forwarded-host'),
      )
    case 'envoy':
      // The request itself, with a prefix before its path.
      return toOriginal(
        question.method,
        question.target.slice(verifyPath.length),
        valueOf(question.rawHeaders, 'host'),
      )
  }
}

/** nginx has no words of its own: `X-Original-URI` with the client's `Host`, or `X-Original-URL` with all of it, as Kubernetes' ingress has it. */
function readNginx(headers: readonly string[]): Original | null {
  const method = valueOf(headers, 'x-original-method')
  if (countOf(headers, 'x-original-url') === 0) {
    return toOriginal(method, valueOf(headers, 'x-original-uri'), valueOf(headers, 'host'))
  }
  if (countOf(headers, 'x-original-uri') > 0) return null
  const url = valueOf(headers, 'x-original-url') ?? ''
  const [, host = null, uri = null] = /^https?:\/\/([^/?#]+)(\/.*)$/.exec(url) ?? []
  return toOriginal(method, uri, host)
}

function toOriginal(
  method: string | null,
  uri: string | null,
  host: string | null,
): Original | null {
  return method === null || uri === null || host === null ? null : { method, uri, host }
}

function countOf(headers: readonly string[], name: string): number {
  return headers.filter((each, index) => index % 2 === 0 && each.toLowerCase() === name).length
}

/** The value of a header that is there once; null for one that is missing or repeated. */
function valueOf(headers: readonly string[], name: string): string | null {
  if (countOf(headers, name) !== 1) return null
  const at = headers.findIndex((each, index) => index % 2 === 0 && each.toLowerCase() === name)
  return headers[at + 1] ?? null
}

import { entryOf, type Code } from './catalogue.ts'
import type { Refusal } from './refusal.ts'

/** The uniform body of every refusal: RFC 9457 with our members. `detail` is the key FastAPI's clients already read. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: Code
  readonly action: 'none' | 'login' | 'refresh' | 'retry'
  /** With `action: refresh`: where to get a fresh token. */
  readonly refresh?: string
  /** With `action: login` or `refresh`: where a person signs in. */
  readonly login?: string
  readonly requestId: string
}

export interface ProblemContext {
  readonly requestId: string
  /** Where a person signs in, with `return_to` already added. */
  readonly login: string
}

const typeBase = 'https://sallyport.dev/problems/'
export const refreshPath = '/_gateway/token'

/** RFC 9457 §3: the body of a refusal. Pure; every member but `requestId` and `login` comes from the catalogue. */
export function toProblem(refusal: Refusal, context: ProblemContext): Problem {
  const entry = entryOf(refusal.code)
  return {
    type: typeBase + refusal.code,
    title: entry.title,
    status: entry.status,
    detail: refusal.detail ?? entry.detail,
    code: refusal.code,
    action: entry.action,
    ...(entry.action === 'refresh' ? { refresh: refreshPath } : {}),
    ...(entry.action === 'refresh' || entry.action === 'login' ? { login: context.login } : {}),
    requestId: context.requestId,
  }
}

/**
 * The `WWW-Authenticate` value of a 401 (RFC 9110 §11.6.1), and of a 403 where a token was presented that another one could
 * take the place of; null for all else. `error` is said only when a token was presented (RFC 6750 §3.1).
 */
export function toChallenge(refusal: Refusal, realm: string): string | null {
  const entry = entryOf(refusal.code)
  const isAboutToken = refusal.tokenPresented === true && entry.challenge !== undefined
  if (entry.status !== 401 && !isAboutToken) return null
  const challenge = `Bearer realm="${quotable(realm)}"`
  if (!isAboutToken) return challenge
  const description = quotable(refusal.detail ?? entry.detail)
  const scope = refusal.scope === undefined ? '' : `, scope="${quotable(refusal.scope)}"`
  return `${challenge}, error="${entry.challenge}", error_description="${description}"${scope}`
}

/** RFC 6750 §3 allows neither `"` nor `\` in `error_description`, nor anything outside visible ASCII and space. */
function quotable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]|["\\]/g, "'")
}

/** Seconds after which a retry makes sense; said with every 503. */
export const retryAfterSeconds = 1

/** The headers that every refusal carries, besides the content type. */
export function toProblemHeaders(
  refusal: Refusal,
  context: { readonly requestId: string; readonly realm: string },
): Record<string, string> {
  const headers: Record<string, string> = {
    'cache-control': 'no-store',
    'x-request-id': context.requestId,
    'x-sallyport-code': refusal.code,
    'x-content-type-options': 'nosniff',
  }
  const challenge = toChallenge(refusal, context.realm)
  if (challenge !== null) headers['www-authenticate'] = challenge
  if (entryOf(refusal.code).status === 503) headers['retry-after'] = String(retryAfterSeconds)
  return { ...headers, ...refusal.headers }
}

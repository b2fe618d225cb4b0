import type { Code } from './catalogue.ts'

/** An expected "no": a value that travels to the edge of the road, where it becomes a problem body. */
export interface Refusal {
  readonly refused: true
  readonly code: Code
  /** One sentence for the caller; the catalogue's own where absent. Never holds a secret, path or address. */
  readonly detail?: string
  /** Whether a bearer token was presented: decides what the challenge says (RFC 6750 §3.1). */
  readonly tokenPresented?: boolean
  /** The scopes that were needed, separated by spaces: for the challenge (RFC 6750 §3). */
  readonly scope?: string
  /** The session cookie that was presented is dead: the browser is told to drop it. Never set on a 5xx or 429. */
  readonly clearCookies?: boolean
  /** Further headers of the answer, for example `Allow`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Makes a refusal value. */
export function refuse(code: Code, more: Omit<Refusal, 'refused' | 'code'> = {}): Refusal {
  return { refused: true, code, ...more }
}

/** Tells a refusal from whatever a stage returns when all is well. */
export function isRefusal(value: object | null | undefined): value is Refusal {
  return value !== null && value !== undefined && 'refused' in value
}

/** The refusal with further headers of its answer, as flat name-value pairs. */
export function withHeaders(refusal: Refusal, pairs: readonly string[]): Refusal {
  if (pairs.length === 0) return refusal
  const headers: Record<string, string> = { ...refusal.headers }
  for (let index = 0; index < pairs.length; index += 2) {
    headers[pairs[index] ?? ''] = pairs[index + 1] ?? ''
  }
  return { ...refusal, headers }
}

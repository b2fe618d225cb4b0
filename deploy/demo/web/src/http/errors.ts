import { readProblem } from 'sallyport/client'

/** An answer that is no success, in words for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  /** Of the gateway's error contract; null: FastAPI or Better Auth said it. */
  readonly code: string | null
  readonly action: 'login' | 'refresh' | 'retry' | 'none'
  /** How long to wait before trying again, milliseconds; null: the answer does not say. */
  readonly retryAfterMs: number | null

  constructor(response: Response, detail: string, gateway: Pick<ApiError, 'code' | 'action'>) {
    super(detail)
    this.status = response.status
    this.code = gateway.code
    this.action = gateway.action
    const seconds = Number(response.headers.get('retry-after') ?? NaN)
    this.retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : null
  }
}

/** Reads why an answer is no success: the gateway's `detail`, FastAPI's, or Better Auth's `message`. */
export async function toApiError(response: Response): Promise<ApiError> {
  const problem = await readProblem(response)
  if (problem !== null) return new ApiError(response, problem.detail, problem)
  const body: unknown = await response.json().catch(() => null)
  const fallback = `The server answered with ${response.status}.`
  return new ApiError(response, detailOf(body) ?? fallback, { code: null, action: 'none' })
}

function detailOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null) return null
  const { detail, message } = body as { readonly detail?: unknown; readonly message?: unknown }
  // What FastAPI says of a body that does not validate is a list.
  const first: unknown = Array.isArray(detail)
    ? (detail[0] as { msg?: unknown } | null)?.msg
    : detail
  const text = first ?? message
  return typeof text === 'string' && text !== '' ? text : null
}

/** What to tell somebody; null: nothing, because they are being taken to the login page or told already. */
export function explain(error: Error): string | null {
  if (error instanceof ApiError) return error.action === 'login' ? null : error.message
  // fetch says no more than this when there is no answer.
  if (error instanceof TypeError) return 'The server cannot be reached. Nothing was lost.'
  return error.message
}

export function isWorthRepeating(error: Error): boolean {
  return error instanceof ApiError ? error.action === 'retry' : error instanceof TypeError
}

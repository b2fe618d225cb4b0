import type { Problem } from '../errors/problem.ts'

export type { Problem }

/**
 * Reads the problem body of a refusal that the gateway itself gave, or null for any other answer: an application's own 401
 * must never start a refresh or a login. The response's body is left unread for the caller (a clone is read).
 *
 * Not done here: acting on it. `problem.action` says what helps: `refresh` (POST `problem.refresh`, then try again once),
 * `login` (go to `problem.login`), `retry` (wait for `Retry-After`), or `none`.
 */
export async function readProblem(response: Response): Promise<Problem | null> {
  const code = response.headers.get('x-sallyport-code')
  if (!code) return null
  const json = response.clone().json() as Promise<Problem | null>
  const body = await json.catch(() => null)
  return body?.code === code ? body : null
}

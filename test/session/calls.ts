import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { join } from 'node:path'
import {
  origin,
  password,
  someAddress,
  type CallOptions,
  type Reply,
  type Running,
} from '../helper/gateway.ts'

/** A same-origin JSON request to Better Auth, from an address of its own. */
export function call(
  gateway: Running,
  path: string,
  options: { readonly cookie?: string; readonly body?: unknown } = {},
): Promise<Reply> {
  return gateway.request(`/api/auth${path}`, {
    method: 'POST',
    headers: {
      origin,
      'content-type': 'application/json',
      'x-forwarded-for': someAddress(),
      ...(options.cookie === undefined ? {} : { cookie: options.cookie }),
    },
    body: JSON.stringify(options.body ?? {}),
  })
}

/** Signs in on another device; answers with its cookies. */
export async function signIn(
  gateway: Running,
  email: string,
  body: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const reply = await call(gateway, '/sign-in/email', { body: { email, password, ...body } })
  if (reply.status !== 200) throw new Error(`sign-in answered ${reply.status}: ${reply.text}`)
  return reply.cookie
}

/** What FastAPI's side of the gateway makes of a credential: `200`, or the code of the refusal. */
export async function outcome(
  gateway: Running,
  headers: NonNullable<CallOptions['headers']> & Record<string, string>,
): Promise<number | string> {
  const reply = await gateway.request('/api/x', { headers })
  return reply.status === 200 ? 200 : (reply.json()['code'] as string)
}

/** A bearer of ours for the session behind this cookie. */
export async function bearerOf(gateway: Running, cookie: string): Promise<string> {
  const reply = await gateway.request('/_gateway/token', { method: 'POST', headers: { cookie } })
  if (reply.status !== 200) throw new Error(`the token endpoint answered ${reply.status}`)
  return `Bearer ${String(reply.json()['access_token'])}`
}

/** The session as a page sees it. */
export async function view(gateway: Running, cookie: string): Promise<Record<string, unknown>> {
  return (await gateway.request('/_gateway/session', { headers: { cookie } })).json()
}

/** Runs one statement on the gateway's database behind its back. */
export function sql(
  gateway: Pick<Running, 'folder'>,
  statement: string,
  ...values: readonly SQLInputValue[]
): readonly Record<string, unknown>[] {
  const database = new DatabaseSync(join(gateway.folder, 'auth.db'), { timeout: 5000 })
  try {
    return database.prepare(statement).all(...values)
  } finally {
    database.close()
  }
}

/** The `Set-Cookie` values of an answer, one per header line. */
export function setCookies(reply: Reply): readonly string[] {
  return [reply.headers['set-cookie'] ?? []].flat()
}

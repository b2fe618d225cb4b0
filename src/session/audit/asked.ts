import type { FastifyRequest } from 'fastify'
import { fieldsIn } from '../mount.ts'
import type { Asked, Ended } from './notes.ts'

/** What is asked of Better Auth, and with which body. */
type Sent = Pick<Asked, 'path' | 'body'>

/** What arrived at `auth.path` itself; its body is the bytes that came. */
export function sentTo(request: FastifyRequest, authPath: string): Sent {
  const [path = ''] = request.url.slice(authPath.length).split('?')
  const body = request.body as Buffer | undefined
  return { path, body: () => fieldsIn(body?.toString('utf8') ?? '') }
}

/** A request, as far as the audit log is concerned. @param address the client's */
export function askedOf(request: FastifyRequest, { path, body }: Sent, address: string): Asked {
  let read: ReturnType<Asked['body']> | null = null
  return {
    method: request.method,
    path,
    body: () => (read ??= body()),
    requestId: request.id,
    address,
    userAgent: request.headers['user-agent'] ?? null,
  }
}

const codePattern = /^[A-Za-z0-9_]{1,64}$/

/** How Better Auth has answered. The body of a refusal is read from a copy. */
export async function endOf(response: Response): Promise<Ended> {
  const { status } = response
  if (status >= 400) return { status, code: codeIn(fieldsIn(await response.clone().text())) }
  return { status, code: status >= 300 ? errorIn(response.headers.get('location')) : null }
}

/** Better Auth's code in the body of a refusal; null where there is none. */
export function codeIn({ code }: Readonly<Record<string, unknown>>): string | null {
  return typeof code === 'string' && codePattern.test(code) ? code : null
}

/** What a browser is sent back with from a provider, or from a link in a mail, that did not work out. */
export function errorIn(location: string | null): string | null {
  if (location === null || !URL.canParse(location, 'http://a.invalid')) return null
  const error = new URL(location, 'http://a.invalid').searchParams.get('error')
  return error !== null && codePattern.test(error) ? error : null
}

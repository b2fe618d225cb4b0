import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Auth } from '../better-auth/create.ts'
import { clientIpHeader } from '../better-auth/pinned.ts'
import type { GatewayConfig } from '../config/types.ts'

const bodyLimitBytes = 1_048_576

/** RFC 9110 §7.6.1 */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Only the socket and `server.trustedProxies` say where a request came from; and the body's length is what was read. */
const notPassedOn = new Set([
  ...hopByHop,
  'host',
  'content-length',
  'expect',
  'forwarded',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
])

/** Set anew by our side, or more than once. */
const notRelayed = new Set([...hopByHop, 'content-length', 'set-cookie', 'x-retry-after'])

export interface MountDeps {
  readonly auth: Pick<Auth, 'handler'>
  readonly config: GatewayConfig
  /** Whether the session store answers; told apart from a "no" that Better Auth gives when it does not. */
  readonly isAlive: () => boolean
}

/**
 * Serves Better Auth at `auth.path`: GET, HEAD and POST with bodies of at most 1 MiB, of any type. Better Auth sees one
 * fixed origin, whatever `Host` says, and one client address, whatever the client says. Its answers keep their shape.
 *
 * Throws an error with code `SALLYPORT_SESSION_STORE` where the store cannot answer; other errors are bugs and pass as they
 * are. What is not checked: that the path is canonical and the host known; the road did that.
 */
export function registerAuthRoutes(app: FastifyInstance, deps: MountDeps): void {
  app.register(
    (scope, _options, done) => {
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser(
        '*',
        { parseAs: 'buffer', bodyLimit: bodyLimitBytes },
        (_request, body, parsed) => {
          parsed(null, body)
        },
      )
      for (const url of ['', '/*']) {
        scope.route({
          method: ['GET', 'HEAD', 'POST'],
          url,
          exposeHeadRoute: false,
          bodyLimit: bodyLimitBytes,
          handler: (request, reply) => answer(request, reply, deps),
        })
      }
      done()
    },
    { prefix: deps.config.auth.path },
  )
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  { auth, config, isAlive }: MountDeps,
): Promise<FastifyReply> {
  const web = toWebRequest(request, config.server.publicUrl)
  const response = await auth.handler(web).catch((error: unknown) => {
    throw isStoreError(error) ? storeError(error) : error
  })
  // To some of Better Auth's endpoints a failed read looks like "not signed in" and a failed sign-out like a done one.
  if (!isAlive()) {
    throw storeError(new Error(`Better Auth answered ${response.status} while its store was away`))
  }
  return relay(response, reply)
}

function toWebRequest(request: FastifyRequest, origin: string): Request {
  // Better Auth knows no HEAD; Node leaves the body out by itself (RFC 9110 §9.3.2).
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const url = `${origin}${request.raw.url ?? '/'}`
  const headers = toWebHeaders(request, origin)
  const body = request.body as Buffer | undefined
  if (method !== 'POST' || body === undefined || body.length === 0) {
    return new Request(url, { method, headers })
  }
  return new Request(url, { method, headers, body: new Uint8Array(body) })
}

function toWebHeaders(request: FastifyRequest, origin: string): Headers {
  const headers = new Headers()
  const named = new Set((request.headers.connection ?? '').toLowerCase().split(/\s*,\s*/))
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || named.has(name) || isDropped(name)) continue
    headers.set(name, typeof value === 'string' ? value : value.join(', '))
  }
  headers.set('host', new URL(origin).host)
  headers.set(clientIpHeader, request.ip)
  return headers
}

function isDropped(name: string): boolean {
  return notPassedOn.has(name) || name.startsWith('x-forwarded-') || name.startsWith('x-sallyport-')
}

async function relay(response: Response, reply: FastifyReply): Promise<FastifyReply> {
  reply.code(response.status)
  for (const [name, value] of response.headers) {
    if (!notRelayed.has(name)) reply.header(name, value)
  }
  const cookies = response.headers.getSetCookie()
  if (cookies.length > 0) {
    reply.header('set-cookie', cookies)
    reply.header('cache-control', 'private, no-store')
  }
  const retryAfter = response.headers.get('x-retry-after')
  if (retryAfter !== null)
    reply.header('retry-after', retryAfter).header('x-retry-after', retryAfter)
  const body = Buffer.from(await response.arrayBuffer())
  return body.length === 0 ? reply.send() : reply.send(body)
}

/** What SQLite and Better Auth's own check of the schema throw, at any depth of causes. */
function isStoreError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown }
  const codes: readonly unknown[] = ['ERR_SQLITE_ERROR', 'ERR_INVALID_STATE', 'SCHEMA_MISMATCH']
  return codes.includes(code) || (cause !== undefined && isStoreError(cause))
}

function storeError(cause: unknown): Error {
  const message = 'the session store could not answer'
  return Object.assign(new Error(message, { cause }), { code: 'SALLYPORT_SESSION_STORE' })
}

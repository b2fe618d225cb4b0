import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  fieldsIn,
  headersOfCall,
  mountAuthRoutes,
  type AddressOf,
  type AskAuth,
  type AuthCall,
} from '../mount.ts'
import { askedOf, endOf, sentTo } from '../audit/asked.ts'
import type { Asked } from '../audit/notes.ts'
import type { Witness } from '../audit/witness.ts'
import { clientIpHeader } from './options.ts'
import { storeFailure } from './store/watch.ts'

export interface MountOptions {
  readonly path: string
  readonly publicUrl: string
  /** The client's address, as the trusted proxies have it. */
  readonly addressOf: AddressOf
  /** Rejects with the code `SALLYPORT_SESSION_STORE` where it cannot be known what the answer would be. */
  readonly handler: (request: Request) => Promise<Response>
  /** Says what each request was. Left out: nobody wants to know. */
  readonly witness?: Pick<Witness, 'during'> | null
}

// What describes the connection is not passed on, and neither is what a client might use to speak in our name.
const dropped = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'content-length',
  'host',
  'forwarded',
  'x-real-ip',
])

/**
 * Mounts Better Auth with an adapter of our own: the body goes in as the bytes that came, whatever its type; the origin is
 * the configured one, never a header's; the client's address is the one Fastify vouches for; each `Set-Cookie` comes out as
 * a header of its own. Returns how it is asked for a form of ours.
 */
export function mountBetterAuth(app: FastifyInstance, options: MountOptions): AskAuth {
  mountAuthRoutes(app, {
    path: options.path,
    methods: ['GET', 'POST'],
    handler: (request, reply) => relay(request, reply, options),
  })
  const { addressOf } = options
  return async (request, call) => {
    const asked = askedOf(request, { path: call.path, body: () => call.body }, addressOf(request))
    const response = await ask(request, toCallRequest(request, call, options), options, asked)
    return {
      status: response.status,
      setCookies: response.headers.getSetCookie(),
      retryAfter: response.headers.get('x-retry-after') ?? response.headers.get('retry-after'),
      body: fieldsIn(await response.text()),
    }
  }
}

async function relay(
  request: FastifyRequest,
  reply: FastifyReply,
  options: MountOptions,
): Promise<FastifyReply> {
  const { path, addressOf } = options
  const asked = askedOf(request, sentTo(request, path), addressOf(request))
  const response = await ask(request, toWebRequest(request, options), options, asked)
  reply.code(response.status)
  for (const [name, value] of response.headers) if (name !== 'set-cookie') reply.header(name, value)
  const cookies = response.headers.getSetCookie()
  if (cookies.length > 0) {
    reply.header('set-cookie', cookies)
    reply.header('cache-control', 'private, no-store')
  }
  // The library's own name for RFC 9110 §10.2.3; clients know only the standard one.
  const retryAfter = response.headers.get('x-retry-after')
  if (retryAfter !== null) reply.header('retry-after', retryAfter)
  return reply.send(Buffer.from(await response.arrayBuffer()))
}

async function ask(
  request: FastifyRequest,
  asked: Request,
  { handler, witness }: MountOptions,
  said: Asked,
): Promise<Response> {
  try {
    return await (witness == null
      ? handler(asked)
      : witness.during(said, () => handler(asked), endOf))
  } catch (error) {
    const failure = toStoreFailure(error)
    if (failure === null) throw error
    // One without a cause is expected, and was said when it began: attempts that cannot be counted.
    const { cause } = failure
    if (cause) request.log.error({ err: cause, requestId: request.id }, 'the auth database failed')
    throw failure
  }
}

const storeCodes = new Set(['ERR_SQLITE_ERROR', 'ERR_INVALID_STATE', 'SCHEMA_MISMATCH'])

/** Of SQLite's own errors, a database that is closed, tables that are missing. Null: anything else is somebody's bug. */
function toStoreFailure(error: unknown): Error | null {
  const { code = '' } = error as NodeJS.ErrnoException
  if (code === 'SALLYPORT_SESSION_STORE') return error as Error
  return storeCodes.has(code) ? storeFailure(error) : null
}

function toWebRequest(request: FastifyRequest, options: MountOptions): Request {
  const { publicUrl, addressOf } = options
  const body = request.body as Buffer | undefined
  const init: RequestInit = { method: request.method === 'HEAD' ? 'GET' : request.method }
  if (init.method !== 'GET' && body !== undefined && body.length > 0)
    init.body = new Uint8Array(body)
  return new Request(publicUrl + request.url, {
    ...init,
    headers: toWebHeaders(request.raw.rawHeaders, addressOf(request)),
  })
}

function toCallRequest(request: FastifyRequest, call: AuthCall, options: MountOptions): Request {
  const { path, publicUrl, addressOf } = options
  const headers = headersOfCall(request.raw.rawHeaders, publicUrl)
  return new Request(publicUrl + path + call.path, {
    method: 'POST',
    body: JSON.stringify(call.body),
    headers: toWebHeaders(headers, addressOf(request)),
  })
}

function toWebHeaders(rawHeaders: readonly string[], address: string): Headers {
  const headers = new Headers()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    if (dropped.has(name) || /^x-(?:forwarded|sallyport)-/.test(name)) continue
    headers.append(name, rawHeaders[index + 1] ?? '')
  }
  headers.set(clientIpHeader, address)
  return headers
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** Tells a client's address, as the trusted proxies have it. */
export type AddressOf = (request: FastifyRequest) => string

export interface AuthRoutes {
  readonly path: string
  readonly methods: readonly string[]
  /** `request.body` holds the bytes that came, or undefined. */
  readonly handler: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>
}

/** What a page of ours asks Better Auth for whoever sent it a form. */
export interface AuthCall {
  /** Below `auth.path`. */
  readonly path: string
  /** Becomes JSON. */
  readonly body: Readonly<Record<string, unknown>>
}

export interface AuthReply {
  readonly status: number
  /** Exactly as they were set. */
  readonly setCookies: readonly string[]
  /** `Retry-After`, or null. */
  readonly retryAfter: string | null
  /** The JSON; empty where it is none. */
  readonly body: Readonly<Record<string, unknown>>
}

/**
 * Asks Better Auth as the client would that sent this request: with its cookies and from its address, so that its limits and hooks
 * hold as always. The request comes from a page of ours, which whoever calls has made sure of. Rejects with the code
 * `SALLYPORT_SESSION_STORE` when there is no answer.
 */
export type AskAuth = (request: FastifyRequest, call: AuthCall) => Promise<AuthReply>

const replaced = new Set([
  'content-type',
  'content-length',
  'transfer-encoding',
  'accept',
  'accept-encoding',
  'origin',
])

/** The raw headers of a request, as those of one with JSON that a page of `origin` sends. */
export function headersOfCall(rawHeaders: readonly string[], origin: string): string[] {
  const headers = [
    'content-type',
    'application/json',
    'accept',
    'application/json',
    'origin',
    origin,
  ]
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (!replaced.has(name.toLowerCase())) headers.push(name, rawHeaders[index + 1] ?? '')
  }
  return headers
}

/** The mapping that JSON is; an empty one where it is none. */
export function fieldsIn(text: string): AuthReply['body'] {
  try {
    return fieldsOf(JSON.parse(text))
  } catch {
    return {}
  }
}

/** The mapping that a value is; an empty one where it is none. */
export function fieldsOf(value: unknown): AuthReply['body'] {
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isMapping ? (value as AuthReply['body']) : {}
}

const bodyLimitBytes = 1_048_576

/** Mounts whatever answers at and below `auth.path`: bodies are read whole, up to 1 MiB, as the bytes that came, whatever their type. */
export function mountAuthRoutes(app: FastifyInstance, routes: AuthRoutes): void {
  app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: bodyLimitBytes },
      (_request, body, parsed) => {
        parsed(null, body)
      },
    )
    for (const url of [routes.path, `${routes.path}/*`]) {
      scope.route({ method: [...routes.methods], url, handler: routes.handler })
    }
    done()
  })
}

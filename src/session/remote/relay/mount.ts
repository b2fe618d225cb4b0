import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { allMethods } from '../../../routing/compile.ts'
import { mountAuthRoutes, type AddressOf } from '../../mount.ts'
import type { RevocationEvent } from '../../revocation/event.ts'
import type { RemoteClient } from '../client/client.ts'
import type { Callers } from './caller.ts'
import { doubtsOf, effectsOf, fieldsOf, needsAnswer, type Exchange } from './effects.ts'
import { collect, type Concerned } from './events.ts'
import { toAnswerHeaders, toRequestHeaders, type RelayHeaders } from './headers.ts'

export interface RelayOptions {
  readonly path: string
  readonly client: Pick<RemoteClient, 'relay' | 'basePath'>
  readonly callers: Callers
  readonly headers: RelayHeaders
  /** Looks at the cookies that are set. */
  readonly hint: (setCookies: readonly string[]) => void
  readonly say: (event: RevocationEvent) => void
  readonly digest: (text: string) => string
  /** Wall clock, milliseconds. */
  readonly now: () => number
  readonly addressOf: AddressOf
}

const answerLimitBytes = 262_144

/**
 * Mounts a Better Auth that runs elsewhere: what arrives at `auth.path` is passed on as it came, and what it answers comes back as it is, with every
 * `Set-Cookie` in its place. What the exchange has changed is said before the answer is sent. Where there is no answer, the client is told 503, never 401:
 * Better Auth's own client would drop the session.
 */
export function mountRemoteAuth(app: FastifyInstance, options: RelayOptions): void {
  mountAuthRoutes(app, {
    path: options.path,
    methods: allMethods.filter((method) => method !== 'HEAD'),
    handler: (request, reply) => relay(request, reply, options),
  })
}

async function relay(
  request: FastifyRequest,
  reply: FastifyReply,
  options: RelayOptions,
): Promise<FastifyReply> {
  const exchange = exchangeOf(request, options.path)
  const concerned = await identify(request, exchange, options)
  const tell = (effects: ReturnType<typeof effectsOf>): void => {
    const { digest, now } = options
    for (const event of collect(effects, concerned, { digest, nowMs: now() })) options.say(event)
  }
  const answer = await send(request, options).catch((error: unknown) => {
    // It may have been done all the same.
    tell(doubtsOf(exchange))
    throw unavailable(request, error)
  })
  const isRead = answer.statusCode < 400 && needsAnswer(exchange.path)
  const text = isRead ? await readText(answer.body) : null
  const whole = { ...exchange, answer: parse(text) }
  if (answer.statusCode >= 500) tell(doubtsOf(whole))
  else if (answer.statusCode < 400) tell(effectsOf(whole))
  const { fields, setCookies } = toAnswerHeaders(answer.headers as unknown as string[], request.id)
  options.hint(setCookies)
  reply.code(answer.statusCode).headers(fields)
  if (request.method === 'HEAD') {
    answer.body.resume()
    return reply.send()
  }
  return reply.send(text === null ? answer.body : Buffer.from(text))
}

function exchangeOf(request: FastifyRequest, authPath: string): Exchange {
  const { method, url } = request
  const [path = ''] = url.slice(authPath.length).split('?')
  return { method, path, body: parse(bodyOf(request)?.toString('utf8') ?? null), answer: {} }
}

/** Asked before the request is passed on: what a sign-out has ended cannot be asked about. */
async function identify(
  request: FastifyRequest,
  exchange: Exchange,
  { callers, addressOf }: RelayOptions,
): Promise<Concerned> {
  const effects = effectsOf(exchange)
  if (effects.length === 0) return { caller: null, named: null, others: [] }
  const { cookie = null, authorization = null } = request.headers as Record<string, string>
  const credentials = { cookie, authorization, address: addressOf(request) }
  const token = effects.find((effect) => effect.kind === 'session-ended')?.token
  const [caller, named] = await Promise.all([
    callers.caller(credentials),
    token === undefined ? null : callers.named(token, credentials),
  ])
  return { caller, named, others: exchange.path === '/sign-out' ? callers.others(credentials) : [] }
}

function send(request: FastifyRequest, options: RelayOptions): ReturnType<RemoteClient['relay']> {
  const { client, headers, addressOf } = options
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const body = method === 'GET' ? undefined : bodyOf(request)
  return client.relay({
    method,
    path: client.basePath + request.url,
    headers: toRequestHeaders(request.raw.rawHeaders, headers, {
      address: addressOf(request),
      requestId: request.id,
      connection: request.raw.socket,
    }),
    body: body === undefined || body.length === 0 ? null : body,
  })
}

function bodyOf({ body }: FastifyRequest): Buffer | undefined {
  return body as Buffer | undefined
}

function parse(text: string | null): Exchange['body'] {
  try {
    return fieldsOf(JSON.parse(text ?? ''))
  } catch {
    return {}
  }
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > answerLimitBytes) throw new Error('the answer about a membership is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function unavailable(request: FastifyRequest, cause: unknown): Error {
  request.log.warn({ err: cause, requestId: request.id }, 'the remote Better Auth gave no answer')
  const error = new Error('the remote Better Auth gave no answer', { cause })
  return Object.assign(error, { code: 'SALLYPORT_SESSION_STORE' })
}

import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../../../ops/audit/trail.ts'
import { allMethods } from '../../../routing/compile.ts'
import {
  fieldsIn,
  headersOfCall,
  mountAuthRoutes,
  type AddressOf,
  type AskAuth,
  type AuthCall,
} from '../../mount.ts'
import { isTelling } from '../../audit/remote.ts'
import type { RevocationEvent } from '../../revocation/event.ts'
import type { RemoteClient } from '../client/client.ts'
import type { Callers } from './caller.ts'
import { doubtsOf, effectsOf, needsAnswer, type Exchange } from './effects.ts'
import { noAnswer, report } from './report.ts'
import { readStart } from './start.ts'
import { collect, type Concerned } from './events.ts'
import { toAnswerHeaders, toRequestHeaders, type RelayHeaders } from './headers.ts'

export interface RelayOptions {
  readonly path: string
  readonly publicUrl: string
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
  readonly cookieName: string
  readonly audit: Audit
}

const answerLimitBytes = 262_144

/**
 * Mounts a Better Auth that runs elsewhere: what arrives at `auth.path` is passed on as it came, and what it answers comes back as it is, with every
 * `Set-Cookie` in its place. What the exchange has changed is said before the answer is sent. Where there is no answer, the client is told 503, never 401:
 * Better Auth's own client would drop the session. Returns how it is asked for a form of ours.
 */
export function mountRemoteAuth(app: FastifyInstance, options: RelayOptions): AskAuth {
  mountAuthRoutes(app, {
    path: options.path,
    methods: allMethods.filter((method) => method !== 'HEAD'),
    handler: (request, reply) => relay(request, reply, options),
  })
  return (request, call) => ask(request, call, options)
}

/** A request as it is passed on. */
interface Passed {
  readonly method: string
  /** Origin-form, with its query. */
  readonly url: string
  readonly rawHeaders: readonly string[]
  readonly body: Buffer | undefined
}

async function relay(
  request: FastifyRequest,
  reply: FastifyReply,
  options: RelayOptions,
): Promise<FastifyReply> {
  const { method, url, raw } = request
  const passed: Passed = {
    method,
    url,
    rawHeaders: raw.rawHeaders,
    body: request.body as Buffer | undefined,
  }
  const { answer, text, body, fields } = await pass(request, passed, options)
  reply.code(answer.statusCode).headers(fields)
  if (request.method === 'HEAD') {
    body.resume()
    return reply.send()
  }
  return reply.send(text === null ? body : Buffer.from(text))
}

async function ask(
  request: FastifyRequest,
  { path, body }: AuthCall,
  options: RelayOptions,
): ReturnType<AskAuth> {
  const passed: Passed = {
    method: 'POST',
    url: options.path + path,
    rawHeaders: headersOfCall(request.raw.rawHeaders, options.publicUrl),
    body: Buffer.from(JSON.stringify(body)),
  }
  const { answer, text, body: rest, fields, setCookies } = await pass(request, passed, options)
  const whole =
    text ??
    (await readText(rest).catch((error: unknown) => {
      throw unavailable(request, error)
    }))
  const retryAfter = fields['retry-after']
  return {
    status: answer.statusCode,
    setCookies,
    retryAfter: typeof retryAfter === 'string' ? retryAfter : null,
    body: fieldsIn(whole),
  }
}

type Relayed = Awaited<ReturnType<RemoteClient['relay']>>

interface Passage extends ReturnType<typeof toAnswerHeaders> {
  readonly answer: Relayed
  /** Where it had to be read to know what has changed. */
  readonly text: string | null
  /** What is left of it to be sent. */
  readonly body: Readable
}

/** Passes a request on, and says what it has changed. */
async function pass(
  request: FastifyRequest,
  passed: Passed,
  options: RelayOptions,
): Promise<Passage> {
  const exchange = exchangeOf(passed, options.path)
  const concerned = await identify(request, exchange, options)
  const tell = (effects: ReturnType<typeof effectsOf>): void => {
    const { digest, now } = options
    for (const event of collect(effects, concerned, { digest, nowMs: now() })) options.say(event)
  }
  const answer = await send(request, passed, options).catch((error: unknown) => {
    // It may have been done all the same.
    tell(doubtsOf(exchange))
    report(request, exchange, concerned, noAnswer, options)
    throw unavailable(request, error)
  })
  const { statusCode: status } = answer
  const { text, body, failure } = await read(exchange, answer)
  const whole = { ...exchange, answer: fieldsIn(text ?? '') }
  if (status >= 500) tell(doubtsOf(whole))
  else if (status < 400) tell(effectsOf(whole))
  if (failure !== null) {
    report(request, exchange, concerned, noAnswer, options)
    throw unavailable(request, failure)
  }
  const head = toAnswerHeaders(answer.headers as unknown as string[], request.id)
  options.hint(head.setCookies)
  report(request, whole, concerned, { status, ...head }, options)
  return { answer, text, body, ...head }
}

/** Reads an answer as far as somebody has to know what it says. Never rejects. */
async function read(
  exchange: Exchange,
  { statusCode, body }: Relayed,
): Promise<{ text: string | null; body: Readable; failure: unknown }> {
  try {
    if (statusCode < 400 && needsAnswer(exchange.path))
      return { text: await readText(body), body, failure: null }
    if (isTelling(exchange)) return { ...(await readStart(body)), failure: null }
    return { text: null, body, failure: null }
  } catch (failure) {
    return { text: null, body, failure }
  }
}

function exchangeOf({ method, url, body }: Passed, authPath: string): Exchange {
  const [path = ''] = url.slice(authPath.length).split('?')
  return { method, path, body: fieldsIn(body?.toString('utf8') ?? ''), answer: {} }
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

function send(
  request: FastifyRequest,
  passed: Passed,
  { client, headers, addressOf }: RelayOptions,
): Promise<Relayed> {
  const method = passed.method === 'HEAD' ? 'GET' : passed.method
  const body = method === 'GET' ? undefined : passed.body
  return client.relay({
    method,
    path: client.basePath + passed.url,
    headers: toRequestHeaders(passed.rawHeaders, headers, {
      address: addressOf(request),
      requestId: request.id,
      connection: request.raw.socket,
    }),
    body: body === undefined || body.length === 0 ? null : body,
  })
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > answerLimitBytes)
      throw new Error('the answer of the remote Better Auth is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function unavailable(request: FastifyRequest, cause: unknown): Error {
  request.log.warn({ err: cause, requestId: request.id }, 'the remote Better Auth gave no answer')
  const error = new Error('the remote Better Auth gave no answer', { cause })
  return Object.assign(error, { code: 'SALLYPORT_SESSION_STORE' })
}

// What `explain` says is what a running gateway does: generated tables, each with a real gateway and a backend behind it, and generated
// requests, each sent over a socket and explained beside it.
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { online } from '../../../src/cli/explain/sources.ts'
import { requestIdIn } from '../../../src/cli/explain/request.ts'
import { systemClock } from '../../../src/clock.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { Explanation, HeaderLine } from '../../../src/explain/explanation.ts'
import { maskLine, readToken } from '../../../src/explain/parts/mask.ts'
import { explainRequest, type ExplainDeps } from '../../../src/explain/request.ts'
import { readHead } from '../../../src/head.ts'
import { createLogger } from '../../../src/ops/log.ts'
import { startBackend, type Backend, type Seen } from '../../helper/backend.ts'
import { signUp, startGateway, type Running } from '../../helper/gateway.ts'
import { authSecret, goodClaims, jwtSecret, mint, signCookie } from '../../helper/token.ts'
import { questions, type Question, type Wallet } from './questions.ts'
import { tables } from './tables.ts'
import { ask, closeIn, withId, type WireAnswer } from './wire.ts'

const env = { BETTER_AUTH_SECRET: authSecret, JWT_SECRET: jwtSecret }
const yaml = 'bearer: { rolesClaim: roles, scopesClaim: scope }'
const tablesTried = 6
const requestsPerTable = 80

/** What was asked about, over all tables: a test in which nothing is forwarded would prove little. */
const kinds = new Map<string, number>()

for (const [index, routes] of fc.sample(tables, { numRuns: tablesTried, seed: 41 }).entries()) {
  t.test(`table ${index}: explain says what the gateway does`, async (t) => {
    const backend = await startBackend(t)
    const files = { web: { 'index.html': '<p>app', 'a.js': '1' } }
    const gateway = await startGateway(t, {
      upstream: backend.url,
      routes,
      yaml,
      files: files as never,
    })
    const { id, cookie } = await signUp(gateway)
    const deps = await openDeps(t, gateway)
    const asked = questions(walletOf(cookie, id), id)
    await fc.assert(
      fc.asyncProperty(asked, async (question) => {
        await compareOne(question, { gateway, backend, deps })
      }),
      { numRuns: requestsPerTable, seed: 7 + index },
    )
  })
}

t.test('every kind of decision was among them', async (t) => {
  const plain = ['forward', 'static', 'endpoint', 'preflight', 'refuse', 'ticket']
  const sockets = ['forward', 'refuse', 'close'].map((kind) => `WebSocket: ${kind}`)
  for (const kind of [...plain, ...sockets]) {
    t.ok((kinds.get(kind) ?? 0) > 0, `${kind}: ${String(kinds.get(kind))}`)
  }
})

async function openDeps(t: Test, { folder }: Running): Promise<ExplainDeps> {
  const { config } = loadConfig({ file: join(folder, 'gateway.config.yaml'), env })
  const opened = await online(config, { clock: systemClock, logger: createLogger('silent') })
  t.teardown(() => opened.close())
  t.strictSame(opened.missing, [])
  return opened.deps
}

function walletOf(cookie: string, userId: string): Wallet {
  const bearer = (claims: unknown, secret = jwtSecret): [string, string] => [
    'Authorization',
    `Bearer ${mint(claims, { secret })}`,
  ]
  const good = goodClaims({ sub: userId })
  return {
    nobody: [],
    session: [['Cookie', `${cookie}; theme=dark`]],
    'session again': [['Cookie', cookie]],
    forged: [['Cookie', `better-auth.session_token=${signCookie('t'.repeat(32), 'x'.repeat(32))}`]],
    unknown: [['Cookie', `better-auth.session_token=${signCookie('t'.repeat(32))}`]],
    twice: [['Cookie', `${cookie}; ${cookie}`]],
    token: [bearer(good)],
    admin: [bearer({ ...good, roles: ['admin'], scope: 'items:read' })],
    expired: [bearer(goodClaims({ exp: 1000 }))],
    'of another signer': [bearer(good, 'y'.repeat(32))],
    'another scheme': [['Authorization', 'Basic YTpi']],
    'two tokens': [bearer(good), bearer(good)],
    both: [['Cookie', cookie], bearer(good)],
    'both, one bad': [['Cookie', cookie], bearer(goodClaims({ exp: 1000 }))],
  }
}

interface Stage {
  readonly gateway: Running
  readonly backend: Backend
  readonly deps: ExplainDeps
}

async function compareOne(written: Question, { gateway, backend, deps }: Stage): Promise<void> {
  const question = { ...written, headers: [...written.headers, ['Connection', 'close'] as const] }
  const before = backend.seen.length
  const answered = await ask(gateway.url, question)
  const { method, target, headers } = question
  const head = readHead(method, target, headers.flat(), {}, '127.0.0.1')
  const requestId = requestIdIn(head)
  const explanation = await explainRequest({ head, requestId, madeUp: false }, deps)
  const { kind } = explanation.decision
  for (const each of kindsOf(explanation)) kinds.set(each, (kinds.get(each) ?? 0) + 1)
  const answer = withId(answered, requestId)
  const seen = backend.seen.slice(before)
  equal(seen.length, kind === 'forward' ? 1 : 0)
  if (seen[0] !== undefined) compareForwarded(explanation, seen[0], requestId)
  compareAnswer(explanation, answer)
}

function kindsOf({ decision, request, credential }: Explanation): readonly string[] {
  const { kind, close } = decision
  return [
    ...(request.websocket ? [`WebSocket: ${close === null ? kind : 'close'}`] : [kind]),
    ...(credential.kind === 'ticket' ? ['ticket'] : []),
  ]
}

/** Everything but the times of tokens, which pass between the two. */
function compareForwarded({ upstream, request }: Explanation, seen: Seen, requestId: string): void {
  if (upstream === null) throw new Error('something was forwarded that would not be')
  const lines = pairs(seen.rawHeaders).map(([name, value]): HeaderLine => {
    if (request.websocket && name === 'sec-websocket-key') return [name, 'new each time']
    return name === 'x-request-id' ? [name, requestId] : [name, value]
  })
  equal(lines.map(maskLine), upstream.headers)
  equal(seen.url, upstream.target)
  const authorization = lines.find(([name]) => name === 'authorization')?.[1]
  const token = readToken(authorization, Date.now())
  equal(token?.header, upstream.token?.header)
  equal(withoutTimes(token?.claims), withoutTimes(upstream.token?.claims))
}

function compareAnswer({ decision, answerHeaders }: Explanation, answer: WireAnswer): void {
  equal(closeIn(answer), decision.close)
  if (decision.close !== null) return
  if (decision.answer !== null) {
    const sorted = (lines: readonly HeaderLine[]): unknown =>
      lines.map((line) => maskLine(line).join(': ')).sort()
    equal(answer.status, decision.answer.status)
    equal(sorted(answer.headers), sorted(decision.answer.headers))
    equal(answer.body, decision.answer.body)
    return
  }
  const code = answer.headers.find(([name]) => name === 'x-sallyport-code')?.[1] ?? null
  equal(code, decision.code)
  if (decision.status !== null) equal(answer.status, decision.status)
  for (const [name, value] of answerHeaders) {
    const all = answer.headers.filter(([each]) => each === name).map(([, each]) => each)
    equal(all.join(', ').includes(value), true)
  }
}

function pairs(flat: readonly string[]): HeaderLine[] {
  return flat.flatMap((name, index): HeaderLine[] =>
    index % 2 === 0 ? [[name.toLowerCase(), flat[index + 1] ?? '']] : [],
  )
}

function withoutTimes(claims: Readonly<Record<string, unknown>> | undefined): unknown {
  if (claims === undefined) return undefined
  const { iat: _iat, exp: _exp, ...rest } = claims
  return rest
}

/** Throws, so that a request that shows a difference can be made smaller. */
function equal(actual: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (a !== b) throw new Error(`the gateway: ${a}\nexplain: ${b}`)
}

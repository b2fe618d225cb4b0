import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startBackend } from '../helper/backend.ts'
import { password, startGateway, type Reply, type Running } from '../helper/gateway.ts'
import { goodClaims, mint } from '../helper/token.ts'
import { bearerOf, call, signIn } from '../session/calls.ts'
import { newUser } from '../revocation/stage.ts'

/** One way in which what keeps the sessions can be away. */
export interface Outage {
  readonly name: string
  readonly begin: () => unknown
  readonly end: () => unknown
  /** Sessions can be read all the same: only what must be written is refused. */
  readonly isReadable?: boolean
}

export interface Stage {
  readonly database?: string
  readonly redis?: string
  readonly store?: string
  readonly outages: readonly Outage[]
}

/** Figure 6 of the reliability figures: an answer within a second, and recovery within two. */
const answeredMs = 1100
const recoveredMs = 2000

/** What each outage does to requests: 503 for what cannot be known, never 401, never anonymous, and no cookie is cleared. */
export function testOutages(prepare: (t: Test) => Promise<Stage | null>): void {
  t.test('outages', async (t) => {
    const stage = await prepare(t)
    if (stage === null) return
    const backend = await startBackend(t)
    const { database, redis, store } = stage
    const gateway = await startGateway(t, {
      upstream: backend.url,
      auth: `signUp: open, ${store === undefined ? '' : `session: { store: ${store} }`}`,
      yaml: redis === undefined ? '' : `redis: ${redis}`,
      ...(database === undefined ? {} : { database }),
    })
    const user = await newUser(gateway)
    for (const outage of stage.outages) {
      await t.test(outage.name, async (t) => {
        if (outage.isReadable === true) await testUnwritable(t, gateway, outage)
        else await testUnreadable(t, gateway, outage)
        await recovers(t, async () => (await trySignIn(gateway, user.email)) === 200)
      })
    }
  })
}

async function testUnreadable(t: Test, gateway: Running, outage: Outage): Promise<void> {
  const user = await newUser(gateway)
  const uncached = await signIn(gateway, user.email)
  const own = await bearerOf(gateway, await signIn(gateway, user.email))
  t.equal((await ask(gateway, { cookie: user.cookie })).status, 200, 'one session is cached')
  t.equal(await statusOfReadyz(gateway), 200)
  await outage.begin()
  t.equal((await ask(gateway, { cookie: user.cookie })).status, 200, 'and stays good for a while')
  const unknown = await Promise.all([
    timed(t, ask(gateway, { cookie: uncached })),
    timed(t, ask(gateway, { cookie: uncached }, '/maybe/x')),
    timed(t, ask(gateway, { authorization: own })),
    timed(t, gateway.request('/_gateway/session', { headers: { cookie: uncached } })),
    timed(t, gateway.request('/_gateway/token', { method: 'POST', headers: { cookie: uncached } })),
  ])
  for (const reply of unknown) isUnknown(t, reply)
  t.equal((await ask(gateway, { authorization: `Bearer ${mint(goodClaims())}` })).status, 200)
  const forged = await ask(gateway, { cookie: uncached.replace(/=./, '=_') })
  t.equal(forged.json()['code'], 'session_invalid', 'a forgery is one all the same')
  for (const path of ['/sign-out', '/change-password']) {
    const body = { currentPassword: 'x', newPassword: 'another horse 42' }
    isUnknown(t, await call(gateway, path, { cookie: uncached, body }))
  }
  isUnknown(t, await gateway.request('/api/auth/get-session', { headers: { cookie: uncached } }))
  gateway.clock.offsetMs += 31_000
  isUnknown(t, await ask(gateway, { cookie: user.cookie }))
  t.equal(await statusOfReadyz(gateway), 200, 'it stays in service: clients get its own answers')
  t.match(await metricsOf(gateway), /^sallyport_session_store_up 0$/m, 'operators are told')
  await outage.end()
  await recovers(t, async () => (await ask(gateway, { cookie: uncached })).status === 200)
  await recovers(t, async () => /^sallyport_session_store_up 1$/m.test(await metricsOf(gateway)))
  const out = await call(gateway, '/sign-out', { cookie: uncached })
  t.equal(out.status, 200, out.text)
  t.equal((await ask(gateway, { cookie: uncached })).json()['code'], 'session_revoked')
}

async function testUnwritable(t: Test, gateway: Running, outage: Outage): Promise<void> {
  const user = await newUser(gateway)
  const uncached = await signIn(gateway, user.email)
  await outage.begin()
  for (const cookie of [user.cookie, uncached]) {
    t.equal((await ask(gateway, { cookie })).status, 200, 'sessions are read')
  }
  isUnknown(t, await call(gateway, '/sign-out', { cookie: uncached }))
  t.equal((await ask(gateway, { cookie: uncached })).status, 200, 'which has signed nobody out')
  await outage.end()
  await recovers(
    t,
    async () => (await call(gateway, '/sign-out', { cookie: uncached })).status === 200,
  )
}

/** Also counts attempts, which takes Redis where there is one. */
async function trySignIn(gateway: Running, email: string): Promise<number> {
  return (await call(gateway, '/sign-in/email', { body: { email, password } })).status
}

function ask(
  gateway: Running,
  headers: Readonly<Record<string, string>>,
  path = '/api/x',
): Promise<Reply> {
  return gateway.request(path, { headers: { ...headers } })
}

async function statusOfReadyz({ adminUrl }: Running): Promise<number> {
  return (await fetch(`${adminUrl ?? ''}/readyz`)).status
}

async function metricsOf({ adminUrl }: Running): Promise<string> {
  return (await fetch(`${adminUrl ?? ''}/metrics`)).text()
}

function isUnknown(t: Test, reply: Reply): void {
  t.equal(reply.status, 503, reply.text)
  t.match(reply.json(), { code: 'session_store_unavailable', action: 'retry' })
  t.equal(reply.headers['set-cookie'], undefined, 'no cookie is touched')
  t.match(reply.headers['retry-after'], /^\d+$/)
}

async function timed(t: Test, reply: Promise<Reply>): Promise<Reply> {
  const started = performance.now()
  const result = await reply
  const tookMs = performance.now() - started
  t.ok(tookMs < answeredMs, `answered after ${tookMs.toFixed(0)} ms`)
  return result
}

async function recovers(t: Test, isWell: () => Promise<boolean>): Promise<void> {
  const started = performance.now()
  while (!(await isWell()) && performance.now() - started < 2 * recoveredMs) await sleep(20)
  const tookMs = performance.now() - started
  t.ok(tookMs < recoveredMs, `well again after ${tookMs.toFixed(0)} ms`)
}

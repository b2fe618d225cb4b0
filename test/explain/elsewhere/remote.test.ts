// A Better Auth that runs elsewhere: it is asked, and nothing changes there.
import t, { type Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { startGateway, type Running } from '../../helper/gateway.ts'
import { startIssuer } from '../../helper/issuer.ts'
import { startRedis } from '../../helper/servers/redis.ts'
import { authSecret, goodClaims, mint, signCookie } from '../../helper/token.ts'
import { bearerOf, call } from '../../session/calls.ts'
import { startAuthServer, type AuthServer } from '../../session/remote/server.ts'
import { newPerson } from './people.ts'
import { compareAll, fateOf, toldOf, type Expected } from './telling.ts'

interface Stage {
  readonly gateway: Running
  readonly remote: AuthServer
}

async function start(t: Test, yaml = ''): Promise<Stage> {
  const upstream = (await startBackend(t)).url
  const remote = await startAuthServer(t)
  const auth = `mode: remote, url: "${remote.url}", secret: "${authSecret}"`
  return { remote, gateway: await startGateway(t, { upstream, auth, yaml }) }
}

async function sessions({ gateway, remote }: Stage): Promise<Record<string, Expected>> {
  const live = await newPerson(gateway)
  const due = await newPerson(gateway)
  const hour = new Date(Date.now() + 3_600_000).toISOString()
  await remote.sql('UPDATE session SET expiresAt = ? WHERE userId = ?', hour, due.id)
  const expired = await newPerson(gateway)
  const past = new Date(Date.now() - 3_600_000).toISOString()
  await remote.sql('UPDATE session SET expiresAt = ? WHERE userId = ?', past, expired.id)
  const banned = await newPerson(gateway)
  await remote.sql('UPDATE user SET banned = 1 WHERE id = ?', banned.id)
  const unknown = `better-auth.session_token=${signCookie('t'.repeat(32))}`
  return {
    'a live session': { headers: { cookie: live.cookie }, fate: 200 },
    'a session whose refresh is due': { headers: { cookie: due.cookie }, fate: 200 },
    'an expired session': { headers: { cookie: expired.cookie }, fate: 'session_expired' },
    'a banned user': { headers: { cookie: banned.cookie }, fate: 'user_banned' },
    'a session that nobody has': { headers: { cookie: unknown }, fate: 'session_expired' },
    'a token of ours': {
      headers: { authorization: await bearerOf(gateway, live.cookie) },
      fate: 200,
    },
  }
}

const tables = ['user', 'session', 'account', 'verification']

t.test('a remote Better Auth is asked, and nothing changes there', async (t) => {
  const stage = await start(t)
  const { remote, gateway } = stage
  const cases = await sessions(stage)
  // Better Auth removes an expired session when it is asked for it, by whomever.
  const isLive = `WHERE expiresAt > '${new Date().toISOString()}'`
  const look = (): Promise<unknown> =>
    Promise.all(
      tables.map((table) =>
        remote.sql(`SELECT * FROM ${table} ${table === 'session' ? isLive : ''}`),
      ),
    )
  await compareAll(t, gateway, cases, look)
  await remote.asked()
  for (const { headers } of Object.values(cases)) await toldOf(gateway.folder, headers)
  const asked = (await remote.asked()).filter(({ headers }) => headers['cookie'] !== undefined)
  t.ok(asked.length >= Object.keys(cases).length)
  for (const { method, url } of asked) {
    t.equal(method, 'GET')
    t.match(url, /\/get-session\?disableRefresh=true&disableCookieCache=true$/)
  }
})

t.test('a remote Better Auth that is away or in trouble is told as that', async (t) => {
  const { gateway, remote } = await start(t)
  const { cookie } = await newPerson(gateway)
  const check = async (name: string): Promise<void> => {
    const told = await toldOf(gateway.folder, { cookie })
    t.match(told.decision, { code: 'session_store_unavailable', status: 503 }, name)
    t.match(told.notes, [/^sessions, users and keys cannot be looked up: \S/], name)
  }
  for (const fault of ['error', 'garbage', 'slow'] as const) {
    await remote.fail(fault)
    await check(fault)
  }
  await remote.fail(null)
  t.equal(fateOf(await toldOf(gateway.folder, { cookie })), 200, 'it is back')
  await remote.kill()
  await check('away')
})

t.test('what gateways revoked is known where they share it', async (t) => {
  const redis = await startRedis(t)
  if (redis === null) return
  for (const isShared of [true, false]) {
    const { gateway } = await start(t, isShared ? `redis: ${redis.url}` : '')
    const person = await newPerson(gateway)
    const iat = Math.floor(Date.now() / 1000) - 5
    const authorization = `Bearer ${mint(goodClaims({ sub: person.id, iat }))}`
    await call(gateway, '/revoke-sessions', person)
    const sent = await gateway.request('/api/x', { headers: { authorization } })
    t.equal(sent.json()['code'], 'session_revoked')
    const told = await toldOf(gateway.folder, { authorization })
    if (isShared) t.equal(fateOf(told), 'session_revoked')
    else t.match(told.notes, [/remember revocations for themselves/], 'it does not guess')
  }
})

t.test('the keys of an issuer', async (t) => {
  const issuer = await startIssuer(t)
  const upstream = (await startBackend(t)).url
  const yaml = `bearer: { jwks: [${issuer.yaml()}] }`
  const gateway = await startGateway(t, { upstream, yaml })
  const as = async (claims: object, header = {}): Promise<Expected['headers']> => ({
    authorization: `Bearer ${await issuer.sign({ claims: { ...claims }, header })}`,
  })
  const sub = (await newPerson(gateway)).id
  const cases: Record<string, Expected> = {
    good: { headers: await as({ sub }), fate: 200 },
    'of another audience': { headers: await as({ aud: 'other' }), fate: 'token_invalid' },
    expired: { headers: await as({ exp: 1000, iat: 900 }), fate: 'token_expired' },
    'of a key that is not published': {
      headers: await as({}, { kid: 'x' }),
      fate: 'token_invalid',
    },
  }
  await compareAll(t, gateway, cases, () => Promise.resolve(null))
  issuer.isDown = true
  const headers = await as({ sub })
  const told = await toldOf(gateway.folder, headers)
  t.match(told.decision, { code: 'session_store_unavailable', status: 503 })
  t.match(told.notes, ['the keys of https://issuer.test cannot be had'])
  const fresh = await startGateway(t, { upstream, yaml })
  const answer = await fresh.request('/api/x', { headers })
  t.equal(answer.json()['code'], 'session_store_unavailable', 'as a gateway that has no keys yet')
})

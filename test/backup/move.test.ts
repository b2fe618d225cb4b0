import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { totp } from '../audit/acts/act.ts'
import { makeKey } from '../gateway/credentials/keys.ts'
import { password, startPeer, type Running } from '../helper/gateway.ts'
import { startRedis } from '../helper/servers/redis.ts'
import { goodClaims, mint } from '../helper/token.ts'
import { newUser } from '../revocation/stage.ts'
import { bearerOf, call, outcome, signIn } from '../session/calls.ts'
import { configure, filled, move, start, usersIn } from './stage.ts'

function digestOf(folder: string): string {
  return createHash('sha256')
    .update(readFileSync(join(folder, 'auth.db')))
    .digest('hex')
}

async function sessionOf(gateway: Running, cookie: string): Promise<Record<string, unknown>> {
  return (await gateway.request('/api/auth/get-session', { headers: { cookie } })).json()
}

async function signInWithCode(gateway: Running, email: string, uri: string): Promise<string> {
  const asked = await call(gateway, '/sign-in/email', { body: { email, password } })
  t.equal(asked.json()['twoFactorRedirect'], true)
  const code = { cookie: asked.cookie, body: { code: totp(uri) } }
  const reply = await call(gateway, '/two-factor/verify-totp', code)
  if (reply.status !== 200) throw new Error(`the code is answered ${reply.status}: ${reply.text}`)
  return reply.cookie
}

t.test(
  'who is signed in on SQLite is signed in on PostgreSQL, with all that they have',
  async (t) => {
    const stage = await start(t)
    if (stage === null) return
    const { postgres, options, gateway } = stage
    const ada = await newUser(gateway)
    t.equal((await call(gateway, '/update-user', { cookie: ada.cookie, body: filled })).status, 200)
    const organization = { name: 'Engines', slug: 'engines', metadata: { founded: 1843 } }
    const made = { cookie: ada.cookie, body: organization }
    t.equal((await call(gateway, '/organization/create', made)).status, 200)
    const { key } = await makeKey({ gateway }, ada, { name: 'scripts' })
    const bob = await newUser(gateway)
    const enabled = await call(gateway, '/two-factor/enable', {
      cookie: bob.cookie,
      body: { password },
    })
    const uri = String(enabled.json()['totpURI'])
    const verified = { cookie: bob.cookie, body: { code: totp(uri) } }
    t.equal((await call(gateway, '/two-factor/verify-totp', verified)).status, 200)
    const gone = await signIn(gateway, ada.email)
    const [bearer, goneBearer] = [
      await bearerOf(gateway, ada.cookie),
      await bearerOf(gateway, gone),
    ]
    await call(gateway, '/sign-out', { cookie: gone })
    const root = await newUser(gateway, 'root')
    const carol = await newUser(gateway)
    const iat = Math.floor(Date.now() / 1000) - 5
    const script = `Bearer ${mint({ ...goodClaims(), sub: carol.id, iat })}`
    t.equal(await outcome(gateway, { authorization: script }), 200)
    const ban = { cookie: root.cookie, body: { userId: carol.id } }
    t.equal((await call(gateway, '/admin/ban-user', ban)).status, 200)
    const before = await sessionOf(gateway, ada.cookie)
    t.match(before['user'], filled)

    configure(gateway.folder, (yaml) => yaml.replace('sqlite:./auth.db', postgres.url))
    const early = await move(gateway.folder)
    t.match(early, { code: 1, err: /auth\.db is in use: stop every gateway first/ })
    await gateway.gateway.close()
    const digest = digestOf(gateway.folder)
    const moved = await move(gateway.folder)
    t.equal(moved.code, 0, moved.err)
    t.match(moved.out, /^user +4\n/m)
    t.match(moved.out, /^apikey +1\n/m)
    t.match(
      moved.out,
      /auth\.db is now in PostgreSQL at 127\.0\.0\.1:\d+\/postgres: everybody stays/,
    )
    t.match(moved.err, /"event":"database\.moved","outcome":"success","actor":"operator"/)
    t.equal(digestOf(gateway.folder), digest, 'the file is as it was')
    t.strictSame(
      readdirSync(gateway.folder).filter((name) => /-(?:wal|shm)$/.test(name)),
      [],
    )

    const after = await startPeer(t, gateway, { ...options, database: postgres.url })
    t.strictSame(await sessionOf(after, ada.cookie), before, 'to the millisecond')
    t.equal(await outcome(after, { cookie: ada.cookie }), 200)
    t.equal(await outcome(after, { authorization: bearer }), 200)
    t.equal(await outcome(after, { 'x-api-key': key }), 200)
    t.match(await outcome(after, { cookie: gone }), /^session_/)
    t.equal(await outcome(after, { authorization: goneBearer }), 'session_revoked')
    t.equal(await outcome(after, { authorization: script }), 'session_revoked')
    t.equal(await outcome(after, { cookie: await signIn(after, ada.email) }), 200, 'the password')
    t.equal(await outcome(after, { cookie: await signInWithCode(after, bob.email, uri) }), 200)
    await t.rejects(signIn(after, carol.email), /answered 403/, 'a ban')
    await t.rejects(signIn(after, ada.email, { password: 'wrong' }), /answered 401/)
    const [row] = await postgres.query<Record<string, unknown>>(
      `SELECT vip, level, likes, settings, to_char(born AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS born FROM "user" WHERE id = $1`,
      [ada.id],
    )
    t.strictSame(row, { ...filled, born: '1815-12-10 23:30' })

    const again = await move(gateway.folder)
    t.match(again, { code: 1, err: /has something in user: accounts are moved into an empty/ })
  },
)

t.test('with Redis, gateways find there what was revoked before', async (t) => {
  const [stage, redis] = [await start(t), await startRedis(t)]
  if (stage === null || redis === null) return
  const { postgres, options, gateway } = stage
  const { cookie } = await newUser(gateway)
  const authorization = await bearerOf(gateway, cookie)
  await call(gateway, '/sign-out', { cookie })
  await gateway.gateway.close()
  const yaml = `${options.yaml}\nredis: "${redis.url}"`
  configure(gateway.folder, (text) =>
    text.replace('sqlite:./auth.db', postgres.url).replace(options.yaml, yaml),
  )
  await redis.kill()
  t.match(await move(gateway.folder), { code: 1, err: /redis: it cannot be told what was revoked/ })
  t.equal(await usersIn(postgres), 0)
  await redis.start()
  const moved = await move(gateway.folder)
  t.equal(moved.code, 0, moved.err)
  const after = await startPeer(t, gateway, { ...options, yaml, database: postgres.url })
  t.equal(await outcome(after, { authorization }), 'session_revoked')
})

import t, { type Test } from 'tap'
import { run } from '../cli/run.ts'
import { goodClaims, mint } from '../helper/token.ts'
import { startPostgres } from '../helper/servers/postgres.ts'
import { startRedis } from '../helper/servers/redis.ts'
import { bearerOf, outcome, signIn } from '../session/calls.ts'
import { newUser, openDevice, startNodes, type Nodes, type Storage } from './stage.ts'

const storages: Readonly<Record<string, (t: Test) => Promise<Storage | null>>> = {
  SQLite: () => Promise.resolve({}),
  PostgreSQL: async (t) => {
    const postgres = await startPostgres(t)
    return postgres && { database: postgres.url }
  },
  Redis: async (t) => {
    const redis = await startRedis(t)
    return redis && { redis: redis.url, store: 'redis' }
  },
}

/** Until both refuse, with the reason: the other gateway may miss the session before it has read why, and says `session_expired` for as long. */
async function untilRefused({ here, there }: Nodes, headers: Record<string, string>) {
  const started = performance.now()
  for (const node of [here, there]) {
    const isTold = async () => (await outcome(node, headers)) === 'session_revoked'
    while (!(await isTold()) && performance.now() - started < 2000) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  return [await outcome(here, headers), await outcome(there, headers)]
}

for (const [name, prepare] of Object.entries(storages)) {
  t.test(`${name}: an operator revokes a user or a session from the command line`, async (t) => {
    const storage = await prepare(t)
    if (storage === null) return
    const nodes = await startNodes(t, storage)
    const { here } = nodes
    const { id, email, cookie } = await newUser(here)
    const second = await signIn(here, email)
    const authorization = await bearerOf(here, second)
    const device = await openDevice(t, here, cookie)
    const bystander = await newUser(here)

    const sid = sessionOf(authorization)
    const one = await run(here.folder, ['revoke', 'session', sid])
    t.match(one, { code: 0, out: 'session ended\n' }, one.err)
    t.strictSame(await untilRefused(nodes, { cookie: second }), Array(2).fill('session_revoked'))
    t.equal(await outcome(here, { cookie }), 200, 'the other session lives on')

    const foreign = `Bearer ${mint({ ...goodClaims(), sub: id, iat: Math.floor(Date.now() / 1000) - 1 })}`
    t.equal(await outcome(here, { authorization: foreign }), 200)
    const all = await run(here.folder, ['revoke', 'user', email.toUpperCase()])
    t.match(all, { code: 0, out: '1 session ended\n' }, all.err)
    t.strictSame(await untilRefused(nodes, { cookie }), Array(2).fill('session_revoked'))
    t.equal(await device.webSocket(), 'session_revoked')
    t.equal(await device.eventStream(), 'session_revoked')
    t.strictSame(
      await untilRefused(nodes, { authorization: foreign }),
      Array(2).fill('session_revoked'),
      'what FastAPI itself has issued for that user counts no more',
    )
    t.equal(await outcome(here, { cookie: bystander.cookie }), 200)
  })
}

t.test('what is not there is said, and nothing is done', async (t) => {
  const { here } = await startNodes(t, {})
  for (const [args, message] of [
    [['user', 'nobody@example.com'], /there is no user nobody@example\.com/],
    [['session', 'none'], /there is no session none/],
    [['everything', 'x'], /"user", "session" or "everyone", not "everything"/],
  ] as const) {
    const { code, err } = await run(here.folder, ['revoke', ...args])
    t.equal(code, 1)
    t.match(err, message)
  }
  t.equal((await run(here.folder, ['revoke', 'user'])).code, 2, 'an argument is missing')
})

function sessionOf(authorization: string): string {
  const [, payload = ''] = authorization.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sid: string }
  return claims.sid
}

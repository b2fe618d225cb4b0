import t from 'tap'
import { signUp } from '../../helper/gateway.ts'
import { outcome, sql } from '../../session/calls.ts'
import { makeKey, start } from './keys.ts'

t.test("a limit of the key's own is 429, counted exactly, and never a 401", async (t) => {
  const parts = await start(t)
  const { gateway } = parts
  const ada = await signUp(gateway)
  const { id, key } = await makeKey(parts, ada)
  sql(gateway, 'UPDATE apikey SET rateLimitMax = 3, rateLimitTimeWindow = 60000 WHERE id = ?', id)
  const headers = { 'x-api-key': key }
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => gateway.request('/api/x', { headers })),
  )
  t.equal(answers.filter(({ status }) => status === 200).length, 3)
  const refused = answers.filter(({ status }) => status === 429)
  t.equal(refused.length, 5)
  t.match(refused[0]?.json(), { code: 'rate_limited', action: 'retry' })
  const seconds = Number(refused[0]?.headers['retry-after'])
  t.ok(seconds > 50 && seconds <= 61, String(seconds))
  t.notOk(refused[0]?.headers['www-authenticate'])
  t.same(
    gateway.log.filter(({ level }) => Number(level) >= 50),
    [],
    'nobody has to be woken up for it',
  )
})

t.test('a key that may be used so often is gone after that', async (t) => {
  const parts = await start(t)
  const { gateway } = parts
  const ada = await signUp(gateway)
  const { id, key } = await makeKey(parts, ada)
  sql(gateway, 'UPDATE apikey SET remaining = 2 WHERE id = ?', id)
  const headers = { 'x-api-key': key }
  t.same([await outcome(gateway, headers), await outcome(gateway, headers)], [200, 200])
  const reply = await gateway.request('/api/x', { headers })
  t.equal(reply.status, 429)
  t.notOk(reply.headers['retry-after'], 'nobody knows when')
})

t.test('a key without a limit has none, and is not written about on every use', async (t) => {
  const parts = await start(t)
  const { gateway } = parts
  const { key } = await makeKey(parts, await signUp(gateway))
  const statuses = new Set<number>()
  for (let count = 0; count < 40; count += 1) {
    statuses.add((await gateway.request('/api/x', { headers: { 'x-api-key': key } })).status)
  }
  t.same(statuses, new Set([200]), "the plugin's own default would be ten a day")
  t.match(sql(gateway, 'SELECT requestCount, lastRequest FROM apikey'), [
    { requestCount: 1, lastRequest: String },
  ])
})

t.test(
  'a store that cannot be written to is 503, and no key is called invalid for it',
  async (t) => {
    const parts = await start(t)
    const { gateway } = parts
    const { key } = await makeKey(parts, await signUp(gateway))
    const headers = { 'x-api-key': key }
    sql(
      gateway,
      "CREATE TRIGGER full BEFORE UPDATE ON apikey BEGIN SELECT RAISE(FAIL, 'disk full'); END",
    )
    for (const path of ['/api/x', '/maybe/x']) {
      const reply = await gateway.request(path, { headers })
      t.equal(reply.status, 503)
      t.match(reply.json(), { code: 'session_store_unavailable' })
    }
    sql(gateway, 'DROP TRIGGER full')
    t.equal(await outcome(gateway, headers), 200)
  },
)

t.test("a plugin of the user's own is used as it is", async (t) => {
  const parts = await start(t, {
    module: `import { apiKey } from '@better-auth/api-key'
      export default { plugins: [apiKey({
        defaultPrefix: 'sk_',
        permissions: { defaultPermissions: { todos: ['read'] } },
        rateLimit: { enabled: true, maxRequests: 1, timeWindow: 60000 },
      })] }`,
  })
  const { gateway } = parts
  const { key } = await makeKey(parts, await signUp(gateway))
  t.match(key, /^sk_/)
  t.same(
    [await outcome(gateway, { 'x-api-key': key }), await outcome(gateway, { 'x-api-key': key })],
    [200, 'rate_limited'],
  )
})

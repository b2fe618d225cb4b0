import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { getMigrations } from 'better-auth/db/migration'
import t from 'tap'
import { systemClock } from '../../../../src/clock.ts'
import { loadConfig } from '../../../../src/config/load.ts'
import { StartupError } from '../../../../src/errors/startup.ts'
import { createLogger } from '../../../../src/ops/log.ts'
import { migrateDatabase } from '../../../../src/session/embedded/open.ts'
import { deaf } from '../../../../src/session/port.ts'
import { startBackend } from '../../../helper/backend.ts'
import { signUp, startGateway } from '../../../helper/gateway.ts'
import { authSecret, jwtSecret } from '../../../helper/token.ts'
import { call, sql } from '../../calls.ts'

t.test('every user has a place for an external id, and no two have the same', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const ada = await signUp(gateway)
  const bob = await signUp(gateway, 'bob@example.com')
  t.same(sql(gateway, 'SELECT externalId FROM user'), [{ externalId: null }, { externalId: null }])
  const set = (id: string) => sql(gateway, "UPDATE user SET externalId = '17' WHERE id = ?", id)
  set(ada.id)
  t.throws(() => set(bob.id), /UNIQUE/)
})

t.test('a database from before gets it, without losing anybody', async (t) => {
  const folder = t.testdir({
    'gateway.config.yaml': `auth: { signUp: open, database: "sqlite:./auth.db" }
upstreams: { api: "http://127.0.0.1:9" }
routes: [{ match: { path: /api/* }, upstream: api }]
`,
  })
  const database = new DatabaseSync(join(folder, 'auth.db'))
  t.teardown(() => {
    database.close()
  })
  await (await getMigrations({ database, secret: authSecret })).runMigrations()
  const columns = '(id, name, email, emailVerified, createdAt, updatedAt)'
  for (const id of ['ada', 'bob']) {
    database.exec(`INSERT INTO user ${columns} VALUES ('${id}', '${id}', '${id}@b.c', 0, 1, 1)`)
  }
  const file = join(folder, 'gateway.config.yaml')
  const env = { BETTER_AUTH_SECRET: authSecret, JWT_SECRET: jwtSecret }
  const { config } = loadConfig({ file, env })
  const parts = { dryRun: false, logger: createLogger('error'), clock: systemClock, listener: deaf }
  t.match((await migrateDatabase(config, parts)).created, ['user.externalId'])
  t.same((await migrateDatabase(config, parts)).created, [])
  t.same(database.prepare('SELECT id, externalId FROM user').all(), [
    { id: 'ada', externalId: null },
    { id: 'bob', externalId: null },
  ])
  t.throws(() => {
    database.exec("UPDATE user SET externalId = '17'")
  }, /UNIQUE/)
})

t.test('users cannot set it, neither when they sign up nor later', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const { cookie } = await signUp(gateway)
  const body = { name: 'Eve', email: 'eve@example.com', password: 'correct horse battery staple' }
  for (const reply of [
    await call(gateway, '/sign-up/email', { body: { ...body, externalId: '1' } }),
    await call(gateway, '/update-user', { cookie, body: { externalId: '1' } }),
  ]) {
    t.equal(reply.status, 400)
    t.match(reply.text, /externalId is not allowed/)
  }
  t.same(sql(gateway, 'SELECT count(*) AS set_ FROM user WHERE externalId IS NOT NULL'), [
    { set_: 0 },
  ])
  const seen = await gateway.request('/api/auth/get-session', { headers: { cookie } })
  t.notMatch(seen.text, 'externalId')
})

t.test('the fields that a module adds stay, and can be told', async (t) => {
  const backend = await startBackend(t)
  const module = `export default {
    user: { additionalFields: { tenant: { type: 'string', required: false }, seat: { type: 'number', input: false, required: false, unique: true, returned: false } } },
  }`
  const gateway = await startGateway(t, {
    upstream: backend.url,
    auth: 'module: ./auth.ts, signUp: open',
    files: { 'auth.ts': module },
    yaml: 'identity: { headers: { X-Tenant: user.tenant }, token: { subject: user.seat } }',
  })
  const body = { name: 'Ada', email: 'ada@example.com', password: 'correct horse battery staple' }
  const { cookie } = await call(gateway, '/sign-up/email', { body: { ...body, tenant: 'acme' } })
  sql(gateway, 'UPDATE user SET seat = 4')
  await gateway.request('/api/x', { headers: { cookie } })
  const { headers } = backend.seen[0]!
  t.equal(headers['x-tenant'], 'acme')
  const [, claims = ''] = headers.authorization?.split('.') ?? []
  t.match(JSON.parse(Buffer.from(claims, 'base64url').toString()), { sub: '4' })
})

t.test('a module and an identity that do not go together stop the start', async (t) => {
  const field = (more: string): string =>
    `export default { user: { additionalFields: { tenant: { type: 'string', required: false, ${more} } } } }`
  const subject = 'identity: { token: { subject: user.tenant } }'
  const cases: readonly [string, string, string | RegExp][] = [
    [
      field(''),
      'identity: { headers: { X-Tenant: user.tennant } }',
      /^identity: auth\.module gives users no field "tennant", only name, .*, tenant$/,
    ],
    [field('unique: true'), subject, /"tenant" does not say who somebody is/],
    [field('input: false'), subject, /"tenant" does not say who somebody is/],
    [
      "export default { user: { additionalFields: { externalId: { type: 'string' } } } }",
      '',
      /externalId needs input: false/,
    ],
  ]
  for (const [module, yaml, message] of cases) {
    // A test of its own has a folder of its own, and a module is read once.
    await t.test(String(message), async (t) => {
      const starting = startGateway(t, {
        upstream: 'http://127.0.0.1:9',
        auth: 'module: ./auth.ts, signUp: open',
        files: { 'auth.ts': module },
        yaml,
      })
      await t.rejects(starting, { constructor: StartupError, message })
    })
  }
})

t.test('an external id of the module’s own counts, as long as users cannot set it', async (t) => {
  const backend = await startBackend(t)
  const module =
    "export default { user: { additionalFields: { externalId: { type: 'string', input: false, fieldName: 'legacy_id' } } } }"
  const gateway = await startGateway(t, {
    upstream: backend.url,
    auth: 'module: ./auth.ts, signUp: open',
    files: { 'auth.ts': module },
    yaml: 'identity: { headers: { X-Old-Id: user.externalId }, token: none }',
  })
  const { cookie } = await signUp(gateway)
  sql(gateway, "UPDATE user SET legacy_id = '17'")
  await gateway.request('/api/x', { headers: { cookie } })
  t.equal(backend.seen[0]!.headers['x-old-id'], '17')
})

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { signUp, startGateway } from '../../helper/gateway.ts'
import { bearerOf, call, outcome, sql, view } from '../calls.ts'

const upstream = 'http://127.0.0.1:9'
const auth = 'signUp: open, module: ./auth.ts'

const withAdmin = {
  'auth.ts': `import { admin } from 'better-auth/plugins'
    export default async () => ({ plugins: [admin()] })`,
}

t.test('a ban written straight to the database counts within the cache time', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, auth, files: withAdmin })
  const { id, cookie } = await signUp(gateway)
  const authorization = await bearerOf(gateway, cookie)
  t.equal(await outcome(gateway, { cookie }), 200)
  sql(gateway, 'UPDATE user SET banned = 1 WHERE id = ?', id)
  gateway.clock.offsetMs = 30_001
  for (const headers of [{ cookie }, { authorization }]) {
    const reply = await gateway.request('/api/x', { headers })
    t.equal(reply.status, 403)
    t.match(reply.json(), { code: 'user_banned', action: 'none' })
    t.notOk(reply.headers['set-cookie'], 'a ban may end: the session is kept')
  }
})

t.test('a ban that has run out is none', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, auth, files: withAdmin })
  const { id, cookie } = await signUp(gateway)
  const ban = (untilMs: number) =>
    sql(
      gateway,
      'UPDATE user SET banned = 1, banExpires = ? WHERE id = ?',
      ...[new Date(untilMs).toISOString(), id],
    )
  ban(Date.now() + 60_000)
  t.equal(await outcome(gateway, { cookie }), 'user_banned')
  gateway.clock.offsetMs = 61_000
  t.equal(await outcome(gateway, { cookie }), 200)
})

t.test('a ban by the admin plugin ends the sessions at once', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, auth, files: withAdmin })
  const root = await signUp(gateway, 'root@example.com')
  sql(gateway, "UPDATE user SET role = 'admin' WHERE id = ?", root.id)
  const { id, cookie } = await signUp(gateway)
  const authorization = await bearerOf(gateway, cookie)
  t.equal(await outcome(gateway, { cookie }), 200)
  const body = { userId: id }
  const reply = await call(gateway, '/admin/ban-user', { cookie: root.cookie, body })
  t.equal(reply.status, 200)
  t.equal(await outcome(gateway, { cookie }), 'session_revoked')
  t.equal(await outcome(gateway, { authorization }), 'session_revoked')
})

t.test('a new role is seen at once', async (t) => {
  const gateway = await startGateway(t, { upstream, auth, files: withAdmin })
  const root = await signUp(gateway, 'root@example.com')
  sql(gateway, "UPDATE user SET role = 'admin' WHERE id = ?", root.id)
  const { id, cookie } = await signUp(gateway)
  t.match(await view(gateway, cookie), { user: { role: 'user' } })
  const body = { userId: id, role: 'admin' }
  t.equal((await call(gateway, '/admin/set-role', { cookie: root.cookie, body })).status, 200)
  t.match(await view(gateway, cookie), { user: { role: 'admin' } })
})

t.test("the user's own fields and hooks work beside ours", async (t) => {
  const backend = await startBackend(t)
  const files = {
    'auth.ts': `import { appendFileSync } from 'node:fs'
      const note = (text: string) => appendFileSync(new URL('./notes', import.meta.url), text + ' ')
      export default {
        user: { additionalFields: { plan: { type: 'string', required: false, defaultValue: 'free' } } },
        databaseHooks: {
          user: { create: { before: async (user) => ({ data: { ...user, name: user.name + ' L.' } }) },
                  update: { after: async () => note('user.update') } },
          session: { delete: { after: async () => note('session.delete') } },
        },
      }`,
  }
  const gateway = await startGateway(t, { upstream: backend.url, auth, files })
  const { cookie } = await signUp(gateway)
  t.match(await view(gateway, cookie), { user: { name: 'Ada L.' } })
  const seen = await gateway.request('/api/auth/get-session', { headers: { cookie } })
  t.match(seen.json(), { user: { plan: 'free' } })
  await call(gateway, '/update-user', { cookie, body: { name: 'Countess' } })
  t.match(await view(gateway, cookie), { user: { name: 'Countess' } })
  await call(gateway, '/sign-out', { cookie })
  t.equal(await outcome(gateway, { cookie }), 'session_revoked')
  t.equal(readFileSync(join(gateway.folder, 'notes'), 'utf8'), 'user.update session.delete ')
})

t.test('a hook of the user that fails is a 500 that is logged, not an outage', async (t) => {
  const files = {
    'auth.ts': `export default { hooks: { before: async () => {
      throw new Error('no such plan')
    } } }`,
  }
  const gateway = await startGateway(t, { upstream, auth, files })
  const body = { name: 'Ada', email: 'ada@example.com', password: 'correct horse battery' }
  const reply = await call(gateway, '/sign-up/email', { body })
  t.equal(reply.status, 500)
  t.equal(reply.json()['code'], 'internal_error')
  t.notMatch(reply.text, /no such plan/)
  t.ok(gateway.log.some((line) => JSON.stringify(line).includes('no such plan')))
})

t.test('an option that belongs to the YAML is refused, with its key there', async (t) => {
  const cases: readonly (readonly [options: string, option: string, key: string])[] = [
    ['baseURL: "https://evil.test"', 'baseURL', 'server.publicUrl'],
    ['secret: "x"', 'secret', 'auth.secret'],
    ['database: {}', 'database', 'auth.database'],
    ['trustedOrigins: ["*"]', 'trustedOrigins', 'auth.trustedOrigins'],
    ['session: { cookieCache: { enabled: true } }', 'session.cookieCache', 'auth.session.cache'],
    ['session: { expiresIn: 1 }', 'session.expiresIn', 'auth.session.lifetime'],
    ['emailAndPassword: { enabled: true }', 'emailAndPassword.enabled', 'auth.signIn.email'],
    ['rateLimit: { enabled: false }', 'rateLimit.enabled', 'always on'],
    ['advanced: { disableCSRFCheck: true }', 'advanced.disableCSRFCheck', 'auth.trustedOrigins'],
    ['advanced: { useSecureCookies: false }', 'advanced.useSecureCookies', 'server.publicUrl'],
  ]
  for (const [index, [options, option, key]] of cases.entries()) {
    // Node never loads the same file twice.
    const name = `owned-${index}.ts`
    const files = { [name]: `export default { ${options} }` }
    const error = await startGateway(t, {
      upstream,
      auth: `signUp: open, module: ./${name}`,
      files,
    }).catch((error: unknown) => error)
    t.match(error, { name: 'StartupError' }, option)
    const { message } = error as Error
    t.ok(message.startsWith('auth.module: ') && message.includes(option), message)
    t.ok(message.includes(key), message)
    t.notMatch(message, /\n/)
  }
})

t.test('a module that cannot be used is told in one sentence', async (t) => {
  const cases: readonly (readonly [text: string | null, message: RegExp])[] = [
    [null, /does not exist/],
    ['export default {', /cannot load/],
    ['import "./nothing.ts"\nexport default {}', /nothing\.ts/],
    ['throw new Error("first line\\nsecond line")', /first line$/],
    ['export default () => { throw new Error("no mail server") }', /no mail server/],
    ['export default async () => { throw new Error("no mail server") }', /no mail server/],
    ['export default () => { throw "text" }', /text/],
    ['export const auth = {}', /default export/],
    ['export default 42', /default export/],
    ['export default []', /default export/],
    ['export default { handler: () => {}, api: {} }', /betterAuth\(\) instance/],
  ]
  for (const [index, [text, expected]] of cases.entries()) {
    const name = `auth-${index}.ts`
    const files = text === null ? {} : { [name]: text }
    const error = await startGateway(t, {
      upstream,
      auth: `signUp: open, module: ./${name}`,
      files,
    }).catch((error: unknown) => error)
    t.match(error, { name: 'StartupError', message: expected }, String(text))
    t.match((error as Error).message, /^auth\.module: [^\n]+$/, String(text))
    t.ok((error as Error).message.includes(name), String(text))
  }
})

t.test('a module is not asked for when the YAML names none', async (t) => {
  const files = { 'auth.ts': 'throw new Error("loaded")' }
  const gateway = await startGateway(t, { upstream, files })
  t.ok(existsSync(join(gateway.folder, 'auth.ts')))
})

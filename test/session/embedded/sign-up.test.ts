import { randomUUID } from 'node:crypto'
import { hashPassword } from 'better-auth/crypto'
import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { password, signUp, startGateway, type Running } from '../../helper/gateway.ts'
import { call, setCookies, signIn, sql, view } from '../calls.ts'

const upstream = 'http://127.0.0.1:9'
const closed = 'SIGN_UP_CLOSED'
const otherDomain = 'SIGN_UP_DOMAIN_NOT_ALLOWED'

async function tryEmail(gateway: Running, email: string): Promise<number | string> {
  const reply = await call(gateway, '/sign-up/email', { body: { name: 'Ada', email, password } })
  return reply.status === 200 ? 200 : `${reply.status} ${String(reply.json()['code'])}`
}

/** A row that was there before the policy was, with a password. */
async function addUser(gateway: Running, email: string, role: string | null): Promise<void> {
  const id = randomUUID()
  const now = new Date().toISOString()
  sql(
    gateway,
    'INSERT INTO user (id, name, email, emailVerified, createdAt, updatedAt) VALUES (?, ?, ?, 1, ?, ?)',
    ...[id, 'Ada', email, now, now],
  )
  if (role !== null) sql(gateway, 'UPDATE user SET role = ? WHERE id = ?', role, id)
  sql(
    gateway,
    'INSERT INTO account (id, accountId, providerId, userId, password, createdAt, updatedAt) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ...[randomUUID(), id, 'credential', id, await hashPassword(password), now, now],
  )
}

t.test('where sign-up is closed nobody new gets in, and whoever is there does', async (t) => {
  const gateway = await startGateway(t, { upstream, auth: 'signUp: closed' })
  t.equal(await tryEmail(gateway, 'eve@example.com'), `403 ${closed}`)
  t.equal(sql(gateway, 'SELECT * FROM user').length, 0)
  await addUser(gateway, 'ada@example.com', null)
  const cookie = await signIn(gateway, 'ada@example.com')
  t.match(await view(gateway, cookie), { authenticated: true })
})

t.test('only addresses of the listed domains may sign up', async (t) => {
  const auth = 'signUp: { domains: [example.com] }'
  const gateway = await startGateway(t, { upstream, auth })
  t.equal(await tryEmail(gateway, 'ada@example.com'), 200)
  t.equal(await tryEmail(gateway, 'Bob@EXAMPLE.com'), 200)
  for (const email of [
    'eve@evil.test',
    'eve@sub.example.com',
    'eve@notexample.com',
    'eve+example.com@evil.test',
  ]) {
    t.equal(await tryEmail(gateway, email), `403 ${otherDomain}`, email)
  }
})

t.test('the policy is said even where addresses must be verified first', async (t) => {
  const files = {
    'auth.ts': `export default {
      emailAndPassword: { requireEmailVerification: true },
      emailVerification: { sendVerificationEmail: async () => {} },
    }`,
  }
  for (const [policy, code] of [
    ['closed', closed],
    ['{ domains: [example.com] }', otherDomain],
  ] as const) {
    const auth = `signUp: ${policy}, module: ./auth.ts`
    const gateway = await startGateway(t, { upstream, auth, files })
    t.equal(await tryEmail(gateway, 'eve@evil.test'), `403 ${code}`, policy)
    t.equal(sql(gateway, 'SELECT * FROM user').length, 0, policy)
  }
})

/** A social provider that vouches for whatever the token says. */
const social = {
  'auth.ts': `export default {
    socialProviders: {
      google: {
        clientId: 'id',
        clientSecret: 'secret',
        verifyIdToken: async () => true,
        getUserInfo: async ({ idToken }) => ({
          user: { id: idToken, name: 'Ada', email: idToken, emailVerified: true },
          data: { sub: idToken },
        }),
      },
    },
  }`,
}

t.test('a social sign-in that would make a new user is a sign-up too', async (t) => {
  const trySocial = async (gateway: Running, email: string): Promise<string> => {
    const body = { provider: 'google', idToken: { token: email } }
    const reply = await call(gateway, '/sign-in/social', { body })
    return `${reply.status} ${String(reply.json()['code'])}`
  }
  for (const [policy, code] of [
    ['closed', closed],
    ['{ domains: [example.com] }', otherDomain],
  ] as const) {
    const auth = `signUp: ${policy}, module: ./auth.ts`
    const gateway = await startGateway(t, { upstream, auth, files: social })
    t.equal(await trySocial(gateway, 'eve@evil.test'), `403 ${code}`, policy)
    t.equal(sql(gateway, 'SELECT * FROM user').length, 0, policy)
    await addUser(gateway, 'ada@example.com', null)
    t.equal(await trySocial(gateway, 'ada@example.com'), '200 undefined', 'one who is there')
  }
})

/** An OAuth provider on a port of its own: whoever comes is the user it is told. */
async function startProvider(t: Parameters<typeof startBackend>[0]): Promise<string> {
  const user = { sub: 'x1', id: 'x1', name: 'Eve', email: 'eve@evil.test', email_verified: true }
  const { url } = await startBackend(t, (request, response) => {
    const isToken = request.url?.startsWith('/token') === true
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(isToken ? { access_token: 'a', token_type: 'Bearer' } : user))
  })
  return url
}

t.test('a browser that comes back from a provider is told on the login page', async (t) => {
  const provider = await startProvider(t)
  const files = {
    'auth.ts': `import { genericOAuth } from 'better-auth/plugins'
      export default { plugins: [genericOAuth({ config: [{
        providerId: 'fake', clientId: 'id', clientSecret: 'secret',
        authorizationUrl: '${provider}/authorize', tokenUrl: '${provider}/token', userInfoUrl: '${provider}/user',
      }] })] }`,
  }
  for (const [policy, error] of [
    ['closed', closed],
    ['{ domains: [example.com] }', otherDomain],
    ['open', null],
  ] as const) {
    const auth = `signUp: ${policy}, module: ./auth.ts`
    const gateway = await startGateway(t, { upstream, auth, files })
    const body = { provider: 'fake', callbackURL: '/todos' }
    const start = await call(gateway, '/sign-in/social', { body })
    const asked = new URL(String(start.json()['url'])).searchParams
    const callback = new URL(asked.get('redirect_uri') ?? '')
    const back = await gateway.request(
      `${callback.pathname}?code=c&state=${String(asked.get('state'))}`,
      { headers: { cookie: start.cookie } },
    )
    t.equal(back.status, 302, policy)
    const location = new URL(String(back.headers['location']), 'http://app.test')
    t.equal(location.origin, 'http://app.test', policy)
    t.equal(location.pathname, error === null ? '/todos' : '/_gateway/login', policy)
    t.equal(location.searchParams.get('error'), error, policy)
    t.equal(
      setCookies(back).some((cookie) => /session_token=[^;]/.test(cookie)),
      error === null,
      policy,
    )
  }
})

t.test('an administrator may make accounts where sign-up is closed', async (t) => {
  const files = {
    'auth.ts': `import { admin } from 'better-auth/plugins'
      export default { plugins: [admin()] }`,
  }
  const gateway = await startGateway(t, {
    upstream,
    auth: 'signUp: closed, module: ./auth.ts',
    files,
  })
  await addUser(gateway, 'root@example.com', 'admin')
  await addUser(gateway, 'ada@example.com', 'user')
  const body = { name: 'New', email: 'new@evil.test', password, role: 'user' }
  const cookie = await signIn(gateway, 'root@example.com')
  t.equal((await call(gateway, '/admin/create-user', { cookie, body })).status, 200)
  t.match(await view(gateway, await signIn(gateway, 'new@evil.test')), { authenticated: true })

  const ada = await signIn(gateway, 'ada@example.com')
  const refused = { ...body, email: 'more@evil.test' }
  t.equal((await call(gateway, '/admin/create-user', { cookie: ada, body: refused })).status, 403)
})

t.test('a user who signed up has an id of their own that FastAPI can use as a UUID', async (t) => {
  const gateway = await startGateway(t, { upstream })
  const ids = [await signUp(gateway, 'a@example.com'), await signUp(gateway, 'b@example.com')]
  t.not(ids[0]!.id, ids[1]!.id)
  const rows = sql(gateway, 'SELECT id FROM session UNION SELECT id FROM account')
  t.equal(rows.length, 4)
  for (const { id } of rows) t.match(id, /^[\da-f-]{36}$/)
})

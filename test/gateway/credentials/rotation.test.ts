import t, { type Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { signUp, startGateway, startPeer, type Running } from '../../helper/gateway.ts'
import { authSecret as old, signCookie } from '../../helper/token.ts'
import { call, outcome, setCookies, sql } from '../../session/calls.ts'

const fresh = 'Zk3vXw8qLr5Tn2Yb7Hc4Mf9Jd1Gs6Pa0-fresh'
const files = {
  'auth.ts': `import { jwt } from 'better-auth/plugins'
    export default { plugins: [jwt()] }`,
}

/** The options of a gateway with these secrets of Better Auth. @param more further keys of `auth` */
function withSecrets(upstream: string, secrets: readonly string[], more = '') {
  const list = secrets.map((secret) => JSON.stringify(secret)).join(', ')
  return { upstream, files, auth: `signUp: open, module: ./auth.ts, secret: [${list}], ${more}` }
}

async function restart(
  t: Test,
  before: Running,
  options: ReturnType<typeof withSecrets>,
): Promise<Running> {
  await before.gateway.close()
  return startPeer(t, before, options)
}

function tokenIn(gateway: Running): string {
  return String(sql(gateway, 'SELECT token FROM session')[0]?.['token'])
}

t.test(
  'a new secret signs nobody out, and the old one can go when everybody has a new cookie',
  async (t) => {
    const { url } = await startBackend(t)
    const first = await startGateway(t, withSecrets(url, [old]))
    const { cookie } = await signUp(first)
    const token = tokenIn(first)
    const name = cookie.slice(0, cookie.indexOf('='))
    t.equal(cookie, `${name}=${signCookie(token, old)}`)

    const both = await restart(
      t,
      first,
      withSecrets(url, [fresh, old], 'session: { refreshAfter: 0s }'),
    )
    const asked = await both.request('/api/auth/get-session', { headers: { cookie } })
    t.match(
      asked.json(),
      { user: { email: 'ada@example.com' } },
      'Better Auth knows the old cookie',
    )
    const reply = await both.request('/api/x', { headers: { cookie } })
    t.equal(reply.status, 200)
    t.match(setCookies(reply), [
      new RegExp(`^${name.replaceAll('.', '\\.')}=[^;]+; Max-Age=604800`),
    ])
    t.equal(reply.cookie, `${name}=${signCookie(token, fresh)}`, 'and gives out a new one')
    const forged = `${name}=${signCookie(token, 'a-secret-that-nobody-here-has-ever-used')}`
    t.equal(await outcome(both, { cookie: forged }), 'session_invalid')

    const last = await restart(t, both, withSecrets(url, [fresh]))
    t.equal(await outcome(last, { cookie }), 'session_invalid')
    t.equal(await outcome(last, { cookie: reply.cookie }), 200)
  },
)

t.test('an old cookie signs out, and its session is gone', async (t) => {
  const { url } = await startBackend(t)
  const first = await startGateway(t, withSecrets(url, [old]))
  const { cookie } = await signUp(first)
  const both = await restart(t, first, withSecrets(url, [fresh, old]))
  t.equal((await call(both, '/sign-out', { cookie })).status, 200)
  t.same(sql(both, 'SELECT id FROM session'), [])
  t.equal(await outcome(both, { cookie }), 'session_revoked')
})

t.test(
  '"remember me" stays declined, and what Better Auth has encrypted stays readable',
  async (t) => {
    const { url } = await startBackend(t)
    const first = await startGateway(t, withSecrets(url, [old]))
    const { email } = await signUp(first)
    const body = { email, password: 'correct horse battery staple', rememberMe: false }
    const { cookie } = await call(first, '/sign-in/email', { body })
    t.match(cookie, 'dont_remember=')
    const token = await first.request('/api/auth/token', { headers: { cookie } })
    t.equal(token.status, 200, 'its key is in the database, encrypted')

    const both = await restart(
      t,
      first,
      withSecrets(url, [fresh, old], 'session: { refreshAfter: 0s }'),
    )
    t.same(setCookies(await both.request('/api/x', { headers: { cookie } })), [], 'it never slides')
    const again = await both.request('/api/auth/token', { headers: { cookie } })
    t.equal(again.status, 200)
    const [one, two] = [token, again].map((each) => String(each.json()['token']).split('.')[0])
    t.equal(one, two, 'by the same key')
  },
)

t.test('the order of the list decides who signs, not who verifies', async (t) => {
  const { url } = await startBackend(t)
  const gateway = await startGateway(t, withSecrets(url, [fresh, old]))
  const { cookie } = await signUp(gateway)
  const token = tokenIn(gateway)
  t.match(cookie, signCookie(token, fresh))
  const swapped = await restart(t, gateway, withSecrets(url, [old, fresh]))
  t.equal(await outcome(swapped, { cookie }), 200)
})

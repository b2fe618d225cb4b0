import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { password, signUp, someAddress, startGateway } from '../../helper/gateway.ts'
import { call, outcome, setCookies } from '../calls.ts'

/** A `Set-Cookie` value as a browser reads it: name, and attributes in lower case, sorted. */
function readSetCookie(value: string): { readonly name: string; readonly attributes: string[] } {
  const [pair = '', ...attributes] = value.split(/; */)
  return {
    name: pair.split('=')[0] ?? '',
    attributes: attributes.map((attribute) => attribute.toLowerCase()).sort(),
  }
}

t.test('on http the session cookie is host-only, HttpOnly and Lax', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const { email } = await signUp(gateway)
  const [cookie] = setCookies(await call(gateway, '/sign-in/email', { body: { email, password } }))
  t.same(readSetCookie(cookie!), {
    name: 'better-auth.session_token',
    attributes: ['httponly', 'max-age=604800', 'path=/', 'samesite=lax'],
  })
})

t.test('on https every cookie is __Host-, Secure, and nobody else’s', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    publicUrl: 'https://app.test',
    auth: 'signUp: open, signIn: { email: true, social: { github: { clientId: id, clientSecret: secret } } }',
  })
  const { email, cookie } = await signUp(gateway)
  t.match(cookie, /^__Host-better-auth\.session_token=/)
  t.equal(await outcome(gateway, { cookie }), 200)
  t.equal(backend.seen[0]!.headers.cookie, undefined, 'and it does not reach FastAPI')

  const json = { 'content-type': 'application/json', 'x-forwarded-for': someAddress() }
  const post = (path: string, body: unknown, headers = {}) =>
    gateway.request(`/api/auth${path}`, {
      method: 'POST',
      headers: { ...json, ...headers, origin: 'https://app.test' },
      body: JSON.stringify(body),
    })
  const answers = [
    await post('/sign-in/email', { email, password, rememberMe: false }),
    await post('/sign-in/social', { provider: 'github', callbackURL: '/', disableRedirect: true }),
    await post('/sign-out', {}, { cookie }),
  ]
  const cookies = answers.flatMap(setCookies).map(readSetCookie)
  t.ok(cookies.length >= 5, String(cookies.length))
  for (const { name, attributes } of cookies) {
    t.match(name, /^__Host-better-auth\.[a-z_]+$/)
    t.ok(attributes.includes('secure') && attributes.includes('path=/'), name)
    t.ok(attributes.includes('httponly') && attributes.includes('samesite=lax'), name)
    t.notOk(
      attributes.some((attribute) => attribute.startsWith('domain')),
      name,
    )
  }
})

t.test('the http name of the cookie means nothing on https', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, publicUrl: 'https://app.test' })
  const { cookie } = await signUp(gateway)
  for (const prefix of ['', '__Secure-']) {
    const renamed = cookie.replace('__Host-', prefix)
    t.equal(await outcome(gateway, { cookie: renamed }), 'credential_missing', renamed)
    const seen = await gateway.request('/api/auth/get-session', { headers: { cookie: renamed } })
    t.equal(seen.text, 'null', renamed)
  }
})

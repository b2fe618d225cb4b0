import t, { type Test } from 'tap'
import { origin, someAddress, type Running } from '../helper/gateway.ts'
import { sql } from '../session/calls.ts'
import {
  ask,
  brief,
  everything,
  newPerson,
  password,
  reader,
  startAudited,
  startProvider,
} from './stage.ts'

/** Goes to the provider and comes back. */
async function throughProvider(gateway: Running) {
  const body = { provider: 'acme', callbackURL: '/todos' }
  const begun = await ask(gateway, '/sign-in/social', { body })
  const asked = new URL(String(begun.json()['url'])).searchParams
  const { pathname } = new URL(asked.get('redirect_uri') ?? '')
  const query = `?code=MARKER-code&state=${String(asked.get('state'))}`
  const path = pathname.replace('/api/auth', '') + query
  return ask(gateway, path, { method: 'GET', cookie: begun.cookie })
}

async function startWithProvider(t: Test, signUp: string): Promise<Running> {
  const provider = await startProvider(t, 'pat@example.org')
  return startAudited(t, {
    auth: `signUp: ${signUp}, module: ./auth.ts`,
    files: { 'auth.ts': everything(provider) },
  })
}

t.test('a provider is named, and whoever it may not bring has not signed up', async (t) => {
  const cases = [
    ['open', ['sign_up success social acme', 'sign_in success social acme']],
    ['closed', ['sign_up failure social acme sign_up_closed']],
    ['{ domains: [example.com] }', ['sign_up failure social acme domain_not_allowed']],
  ] as const
  for (const [signUp, says] of cases) {
    const gateway = await startWithProvider(t, signUp)
    const read = reader(t, gateway)
    read()
    await throughProvider(gateway)
    t.strictSame(read().map(brief).sort(), [...says].sort(), signUp)
  }
  const gateway = await startWithProvider(t, 'open')
  const read = reader(t, gateway)
  read()
  await ask(gateway, '/callback/acme?error=access_denied&state=x', { method: 'GET' })
  t.strictSame(read().map(brief), ['sign_in failure social acme provider_failed'])
})

t.test('a sign-up that is refused says why', async (t) => {
  for (const [signUp, reason] of [
    ['closed', 'sign_up_closed'],
    ['{ domains: [example.com] }', 'domain_not_allowed'],
  ] as const) {
    const gateway = await startAudited(t, { auth: `signUp: ${signUp}` })
    const read = reader(t, gateway)
    read()
    const body = { name: 'Eve', email: 'Eve@example.org', password }
    await ask(gateway, '/sign-up/email', { body })
    const [line, ...more] = read()
    t.match(line, { event: 'sign_up', outcome: 'failure', reason, email: 'eve@example.org' })
    t.strictSame(more, [])
  }
})

t.test('API keys are named by their id, and never said', async (t) => {
  const gateway = await startAudited(t, { yaml: 'bearer: { apiKeys: true }' })
  const read = reader(t, gateway)
  const { id, cookie } = await newPerson(gateway)
  read()
  const made = await ask(gateway, '/api-key/create', { cookie, body: { name: 'ci' } })
  const { id: keyId, key } = made.json() as { id: string; key: string }
  await gateway.request('/api/x', { headers: { 'x-api-key': key } })
  await ask(gateway, '/api-key/delete', { cookie, body: { keyId } })
  const lines = read()
  t.strictSame(lines.map(brief), ['api_key.created success', 'api_key.deleted success'])
  for (const line of lines) t.match(line, { keyId, userId: id, actorId: id })
  t.notMatch(JSON.stringify(gateway.log), key)
})

t.test('a form without JavaScript is said like any other sign-in', async (t) => {
  const gateway = await startAudited(t)
  const read = reader(t, gateway)
  const { email, id } = await newPerson(gateway)
  read()
  const send = (typed: string) =>
    gateway.request('/_gateway/login', {
      method: 'POST',
      headers: {
        origin,
        'content-type': 'application/x-www-form-urlencoded',
        'x-forwarded-for': someAddress(),
        'sec-fetch-site': 'same-origin',
      },
      body: new URLSearchParams({ form: 'sign-in', email, password: typed }).toString(),
    })
  t.equal((await send(password)).status, 303)
  await send('wrong')
  const [first, second, ...more] = read()
  t.match(first, { event: 'sign_in', outcome: 'success', userId: id })
  t.match(second, { event: 'sign_in', outcome: 'failure', email })
  t.strictSame(more, [])
})

t.test('what could not be known is said to have failed for that', async (t) => {
  const gateway = await startAudited(t)
  const read = reader(t, gateway)
  const { email } = await newPerson(gateway)
  read()
  sql(gateway, 'ALTER TABLE session RENAME TO gone')
  const reply = await ask(gateway, '/sign-in/email', { body: { email, password } })
  t.equal(reply.status, 503)
  t.strictSame(read().map(brief), ['sign_in failure password unavailable'])
})

t.test('a ban that has run out is lifted by the gateway itself', async (t) => {
  const gateway = await startAudited(t)
  const read = reader(t, gateway)
  const { id, email } = await newPerson(gateway)
  const root = await newPerson(gateway, 'root')
  const ban = { userId: id, banExpiresIn: 60 }
  await ask(gateway, '/admin/ban-user', { cookie: root.cookie, body: ban })
  t.match(read().find(({ event }) => event === 'user.banned')?.['until'], /^\d{4}-.*Z$/)
  sql(gateway, "UPDATE user SET banExpires = '2020-01-01T00:00:00.000Z' WHERE id = ?", id)
  await ask(gateway, '/sign-in/email', { body: { email, password } })
  const lines = read()
  t.strictSame(lines.map(brief), ['user.unbanned success', 'sign_in success password'])
  t.match(lines[0], { actor: 'gateway', actorId: null, userId: id })
})

t.test('while an administrator acts as somebody, they are the one who does', async (t) => {
  const gateway = await startAudited(t)
  const read = reader(t, gateway)
  const { id } = await newPerson(gateway)
  const root = await newPerson(gateway, 'root')
  const body = { userId: id }
  const acting = await ask(gateway, '/admin/impersonate-user', { cookie: root.cookie, body })
  const cookie = acting.cookie
    .split('; ')
    .filter((pair) => !pair.endsWith('='))
    .join('; ')
  read()
  await ask(gateway, '/revoke-sessions', { cookie })
  const lines = read()
  t.ok(lines.length > 0)
  for (const line of lines) {
    t.match(line, { actor: 'administrator', actorId: root.id, userId: id }, brief(line))
  }
})

t.test('the gateway says that it has started, and that it has stopped', async (t) => {
  const gateway = await startAudited(t)
  const read = reader(t, gateway)
  t.match(read(), [{ event: 'gateway.started', actor: 'gateway', gatewayVersion: /^\d+\.\d+/ }])
  await gateway.gateway.close()
  t.strictSame(read().map(brief), ['gateway.stopped success'])
})

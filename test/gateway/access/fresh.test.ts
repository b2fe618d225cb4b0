import t from 'tap'
import { signUp, type Running } from '../../helper/gateway.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import { bearerOf, signIn, sql } from '../../session/calls.ts'
import { outcome, startAccess } from './people.ts'

const routes = `
  - { match: { path: /vault/* }, upstream: api, auth: { fresh: 15m } }
  - { match: { path: /* }, upstream: api }`
const minuteMs = 60_000

/** As if everybody who is signed in had done so a while ago. */
function age(gateway: Running, minutes: number): void {
  const begun = new Date(Date.now() - minutes * minuteMs).toISOString()
  sql(gateway, 'UPDATE session SET createdAt = ?', begun)
}

t.test('who signed in too long ago signs in again, and passes', async (t) => {
  const { gateway } = await startAccess(t, routes)
  const { email, cookie } = await signUp(gateway)
  age(gateway, 14)
  t.equal(await outcome(gateway, '/vault/x', { cookie }), 200)
  gateway.clock.offsetMs = 2 * minuteMs
  t.equal(await outcome(gateway, '/vault/x', { cookie }), 'session_not_fresh')
  t.equal(await outcome(gateway, '/x', { cookie }), 200, 'it is good elsewhere')
  const again = await signIn(gateway, email)
  t.equal(await outcome(gateway, '/vault/x', { cookie }), 'session_not_fresh')
  t.equal(await outcome(gateway, '/vault/x', { cookie: again }), 200)
  t.equal(
    await outcome(gateway, '/vault/x', { authorization: await bearerOf(gateway, again) }),
    200,
  )
})

t.test('extending a session does not make it fresh', async (t) => {
  const { gateway } = await startAccess(t, routes)
  const { cookie } = await signUp(gateway)
  age(gateway, 16)
  const soon = new Date(Date.now() + 5 * 24 * 60 * minuteMs).toISOString()
  sql(gateway, 'UPDATE session SET expiresAt = ?', soon)
  const extended = await gateway.request('/x', { headers: { cookie } })
  t.ok(extended.headers['set-cookie'], 'it was extended')
  t.equal(await outcome(gateway, '/vault/x', { cookie }), 'session_not_fresh')
})

t.test('a token without a session is never fresh', async (t) => {
  const { gateway } = await startAccess(t, routes)
  const authorization = `Bearer ${mint(goodClaims())}`
  t.equal(await outcome(gateway, '/vault/x', { authorization }), 'session_not_fresh')
})

t.test('a program is told where to sign in again, a person is sent there', async (t) => {
  const { gateway } = await startAccess(t, routes)
  const { cookie } = await signUp(gateway)
  age(gateway, 16)
  const program = await gateway.request('/vault/x', {
    headers: { cookie, referer: 'http://app.test/settings' },
  })
  t.equal(program.status, 403)
  t.match(program.json(), {
    code: 'session_not_fresh',
    action: 'login',
    login: '/_gateway/login?reauth=1&return_to=%2Fsettings',
  })
  t.notOk(program.headers['set-cookie'], 'nobody is signed out')
  const person = await gateway.request('/vault/x?tab=2', {
    headers: { cookie, 'sec-fetch-mode': 'navigate', accept: 'text/html' },
  })
  t.equal(person.status, 302)
  t.equal(person.headers['location'], '/_gateway/login?reauth=1&return_to=%2Fvault%2Fx%3Ftab%3D2')
  const page = await gateway.request(String(person.headers['location']), { headers: { cookie } })
  t.equal(page.status, 200)
})

t.test('a login page of their own gets the parameter too', async (t) => {
  const { gateway } = await startAccess(t, routes, {
    auth: 'signUp: open, loginPage: "https://login.test/?app=7"',
  })
  const { cookie } = await signUp(gateway)
  age(gateway, 16)
  const reply = await gateway.request('/vault/x', { headers: { cookie } })
  t.equal(reply.json()['login'], 'https://login.test/?app=7&reauth=1')
})

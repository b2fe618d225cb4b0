import t from 'tap'
import { reader } from '../../../audit/stage.ts'
import { closeOf } from '../../../gateway/websocket/backend.ts'
import { connect } from '../../../gateway/websocket/client.ts'
import { origin, password, signUp, type Reply, type Running } from '../../../helper/gateway.ts'
import { bearerOf, outcome, setCookies, signIn } from '../../calls.ts'
import { routes, startApplication } from './stage.ts'

const name = 'better-auth.session_token'
const dayMs = 86_400_000

/** A form of a page, which the browser sends to an action. */
function act(gateway: Running, path: string, body: unknown, cookie?: string): Promise<Reply> {
  return gateway.request(path, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json', ...(cookie ? { cookie } : {}) },
    body: JSON.stringify(body),
  })
}

function sessionCookies(reply: Reply): readonly string[] {
  return setCookies(reply).filter((cookie) => cookie.startsWith(`${name}=`))
}

t.test('an action signs somebody in, on a public page too', async (t) => {
  const { gateway, ada } = await startApplication(t)
  const read = reader(t, gateway)
  for (const path of ['/page/sign-in', '/public/sign-in']) {
    read()
    const reply = await act(gateway, path, { email: ada.email, password })
    t.equal(reply.status, 303)
    t.match(sessionCookies(reply), [/=\S{40,}; .*HttpOnly/])
    t.ok(setCookies(reply).includes('theme=dark; Path=/'))
    t.equal(reply.headers['cache-control'], 'private, no-store', 'whatever the page says')
    t.equal(reply.headers['x-user-id'], undefined)
    t.equal(await outcome(gateway, { cookie: reply.cookie }), 200)
    const events = read().filter(({ event }) => event === 'sign_in')
    t.match(events, [{ method: 'other', userId: null, actor: 'unknown', via: 'request' }])
  }
})

t.test('an action that signs out ends the session before its answer is sent', async (t) => {
  const { gateway, ada } = await startApplication(t)
  const read = reader(t, gateway)
  const elsewhere = await signIn(gateway, ada.email)
  const authorization = await bearerOf(gateway, ada.cookie)
  for (const headers of [{ cookie: ada.cookie }, { cookie: elsewhere }, { authorization }]) {
    t.equal(await outcome(gateway, headers), 200)
  }
  const socket = await connect(t, gateway, '/api/x', { headers: { cookie: ada.cookie, origin } })
  const closed = closeOf(socket)
  const reply = await act(gateway, '/page/sign-out', {}, ada.cookie)
  t.match(sessionCookies(reply), [/=; Max-Age=0/])
  t.equal(await outcome(gateway, { cookie: ada.cookie }), 'session_revoked')
  t.equal(await outcome(gateway, { authorization }), 'session_revoked')
  t.equal(await outcome(gateway, { cookie: elsewhere }), 200)
  t.strictSame(await closed, { code: 3000, reason: 'session_revoked' })
  const said = read().filter(({ event }) => event === 'sign_out')
  t.match(said, [{ userId: ada.id, actor: 'user', actorId: ada.id, via: 'request' }])
})

t.test('where it ends what the gateway extends, it has the last word', async (t) => {
  const { gateway, remote, ada } = await startApplication(t)
  const old = [7 * dayMs, 0].map((ms) => new Date(Date.now() - 2 * dayMs + ms).toISOString())
  const age = async (): Promise<void> => {
    await remote.sql('UPDATE session SET expiresAt = ?, updatedAt = ?', ...old)
    gateway.clock.offsetMs += 31_000
  }
  await age()
  const page = await gateway.request('/page/me', { headers: { cookie: ada.cookie } })
  t.match(sessionCookies(page), [/=\S{40,}; Max-Age=604800/], 'that it does extend')
  gateway.clock.offsetMs += 601_000
  await age()
  const reply = await act(gateway, '/page/sign-out', {}, ada.cookie)
  t.match(sessionCookies(reply), [/=; Max-Age=0/])
  t.equal(await outcome(gateway, { cookie: ada.cookie }), 'session_revoked')
})

t.test('where another session takes its place, everything of its user is asked anew', async (t) => {
  const { gateway, ada } = await startApplication(t)
  const elsewhere = await signIn(gateway, ada.email)
  t.equal(await outcome(gateway, { cookie: elsewhere }), 200)
  const change = {
    currentPassword: password,
    newPassword: `${password}, another`,
    revokeOtherSessions: true,
  }
  const reply = await act(gateway, '/page/change-password', change, ada.cookie)
  t.match(sessionCookies(reply), [/=\S{40,};/])
  t.equal(await outcome(gateway, { cookie: reply.cookie }), 200)
  t.equal(await outcome(gateway, { cookie: elsewhere }), 'session_expired')
  t.equal(await outcome(gateway, { cookie: ada.cookie }), 'session_expired')
})

t.test('somebody else who signs in on the same page is who they are from then on', async (t) => {
  const { gateway, ada } = await startApplication(t)
  const bob = await signUp(gateway, 'bob@example.com')
  const reply = await act(gateway, '/page/sign-in', { email: bob.email, password }, ada.cookie)
  const me = await gateway.request('/page/me', { headers: { cookie: reply.cookie } })
  t.match(me.json(), { found: bob.id, told: bob.id })
  t.equal(await outcome(gateway, { cookie: ada.cookie }), 200, 'nobody has ended it')
})

t.test('without the key, an application can set and end nothing', async (t) => {
  const plain = '\n  - { name: plain, match: { path: /plain/* }, upstream: plain, auth: optional }'
  const { gateway, ada } = await startApplication(t, { routes: routes + plain })
  const reply = await act(gateway, '/plain/sign-in', { email: ada.email, password })
  t.equal(reply.status, 303)
  t.strictSame(setCookies(reply), ['theme=dark; Path=/'])
  t.equal(reply.headers['cache-control'], 'public, max-age=60')
  await act(gateway, '/plain/sign-out', {}, ada.cookie)
  t.equal(await outcome(gateway, { cookie: ada.cookie }), 200)
})

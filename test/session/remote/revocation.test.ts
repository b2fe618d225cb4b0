import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { connect, routes } from '../../gateway/websocket/client.ts'
import { closeOf, startSocketBackend } from '../../gateway/websocket/backend.ts'
import { origin, password, signUp, startGateway, type Running } from '../../helper/gateway.ts'
import { signCookie } from '../../helper/token.ts'
import { bearerOf, call, outcome, signIn } from '../calls.ts'
import { startAuthServer, type AuthServer } from './server.ts'

const ways = `${routes}
  - { name: api, match: { path: /api/* }, upstream: api }`

interface Devices {
  readonly gateway: Running
  readonly remote: AuthServer
  readonly email: string
  /** Two devices of one user, with cookie and bearer each; and somebody else. */
  readonly here: { readonly cookie: string; readonly authorization: string }
  readonly there: { readonly cookie: string; readonly authorization: string }
  readonly stranger: { readonly id: string; readonly cookie: string }
}

/** Everybody is signed in and everybody's session is cached. */
async function startDevices(t: Test, secret = 'none'): Promise<Devices> {
  const backend = await startSocketBackend(t)
  const remote = await startAuthServer(t)
  const auth = `mode: remote, url: "${remote.url}", secret: "${secret}"`
  const gateway = await startGateway(t, {
    upstream: backend.url,
    auth,
    routes: ways,
    remoteDeadlines: { relayMs: 500 },
  })
  const { email, cookie } = await signUp(gateway)
  const elsewhere = await signIn(gateway, email)
  const stranger = await signUp(gateway, 'bob@example.com')
  const devices: Devices = {
    gateway,
    remote,
    email,
    here: { cookie, authorization: await bearerOf(gateway, cookie) },
    there: { cookie: elsewhere, authorization: await bearerOf(gateway, elsewhere) },
    stranger,
  }
  t.same(await outcomes(devices), { here: alive, there: alive, stranger: 200 })
  return devices
}

const alive = [200, 200]
const dead = ['gone', 'gone']

async function outcomes({ gateway, here, there, stranger }: Devices) {
  const of = async (headers: Record<string, string>): Promise<number | string> => {
    const reply = await gateway.request('/api/x', { headers })
    if (reply.status !== 401) return reply.status
    const { code } = reply.json()
    return code === 'session_revoked' || code === 'session_expired' ? 'gone' : String(code)
  }
  const both = async (device: Devices['here']) => [
    await of({ cookie: device.cookie }),
    await of({ authorization: device.authorization }),
  ]
  return {
    here: await both(here),
    there: await both(there),
    stranger: await of({ cookie: stranger.cookie }),
  }
}

type Act = (devices: Devices) => Promise<{ readonly status: number; readonly text: string }>

function tokenIn(cookie: string): string {
  return decodeURIComponent(cookie.split('=')[1] ?? '').split('.')[0] ?? ''
}

const acts: Readonly<Record<string, { act: Act; here: unknown; there: unknown }>> = {
  'sign-out': {
    act: ({ gateway, here }) => call(gateway, '/sign-out', { cookie: here.cookie }),
    here: dead,
    there: alive,
  },
  'revoking another session': {
    act: ({ gateway, here, there }) =>
      call(gateway, '/revoke-session', {
        cookie: here.cookie,
        body: { token: tokenIn(there.cookie) },
      }),
    here: alive,
    there: dead,
  },
  'trying to revoke the session of somebody else': {
    act: ({ gateway, here, stranger }) =>
      call(gateway, '/revoke-session', {
        cookie: here.cookie,
        body: { token: tokenIn(stranger.cookie) },
      }),
    here: alive,
    there: alive,
  },
  'revoking all other sessions': {
    act: ({ gateway, here }) => call(gateway, '/revoke-other-sessions', { cookie: here.cookie }),
    here: alive,
    there: dead,
  },
  'revoking all sessions': {
    act: ({ gateway, here }) => call(gateway, '/revoke-sessions', { cookie: here.cookie }),
    here: dead,
    there: dead,
  },
  'deleting the user': {
    act: ({ gateway, here }) =>
      call(gateway, '/delete-user', { cookie: here.cookie, body: { password } }),
    here: dead,
    there: dead,
  },
  'changing the password and revoking the others': {
    act: ({ gateway, here }) =>
      call(gateway, '/change-password', {
        cookie: here.cookie,
        body: {
          currentPassword: password,
          newPassword: 'another horse 42',
          revokeOtherSessions: true,
        },
      }),
    here: dead,
    there: dead,
  },
  'resetting the password': {
    act: async ({ gateway, remote, email }) => {
      await call(gateway, '/request-password-reset', { body: { email, redirectTo: '/reset' } })
      const token = await remote.resetToken()
      return call(gateway, '/reset-password', { body: { token, newPassword: 'another horse 42' } })
    },
    here: dead,
    there: dead,
  },
  'a ban by an administrator': {
    act: async ({ gateway, remote, email, stranger }) => {
      await remote.sql(`UPDATE user SET role = 'admin' WHERE id = ?`, stranger.id)
      const [row] = await remote.sql('SELECT id FROM user WHERE email = ?', email)
      const body = { userId: row?.['id'] }
      return call(gateway, '/admin/ban-user', { cookie: stranger.cookie, body })
    },
    here: dead,
    there: dead,
  },
}

for (const [name, { act, here, there }] of Object.entries(acts)) {
  t.test(`through the gateway, ${name} counts on the very next request`, async (t) => {
    const devices = await startDevices(t)
    const { status, text } = await act(devices)
    t.equal(status, 200, text)
    t.same(await outcomes(devices), { here, there, stranger: 200 })
  })
}

t.test('what a session has open ends with it, before the answer is there', async (t) => {
  const devices = await startDevices(t, '${BETTER_AUTH_SECRET}')
  const { gateway, here, there } = devices
  const open = (cookie: string) => connect(t, gateway, '/live/x', { headers: { cookie, origin } })
  const [mine, theirs] = [await open(here.cookie), await open(there.cookie)]
  const ended = [closeOf(mine), closeOf(theirs)] as const
  // Nothing of the session is cached any more.
  gateway.clock.offsetMs = 60_000
  t.equal((await call(gateway, '/sign-out', { cookie: here.cookie })).status, 200)
  t.match(await ended[0], { code: 3000, reason: 'session_revoked' })
  t.equal(theirs.readyState, theirs.OPEN)
  const body = { newPassword: 'another horse 42', currentPassword: password }
  await call(gateway, '/change-password', {
    cookie: there.cookie,
    body: { ...body, revokeOtherSessions: true },
  })
  t.match(await ended[1], { code: 3000 })
})

t.test('what happens there alone is seen within 5 s, as long as nothing is pushed', async (t) => {
  const devices = await startDevices(t)
  const { gateway, remote, here } = devices
  t.equal((await remote.call('/sign-out', {}, here.cookie)).status, 200)
  t.same((await outcomes(devices)).here, alive, 'nobody has heard')
  gateway.clock.offsetMs = 5001
  t.same((await outcomes(devices)).here, dead)
})

t.test('a ban written straight into its database counts as soon', async (t) => {
  const devices = await startDevices(t)
  const { gateway, remote, email, here } = devices
  await remote.sql('UPDATE user SET banned = 1 WHERE email = ?', email)
  gateway.clock.offsetMs = 5001
  t.equal(await outcome(gateway, { cookie: here.cookie }), 'user_banned')
})

for (const [name, secret] of [
  ['with its secret', '${BETTER_AUTH_SECRET}'],
  ['without its secret', 'none'],
] as const) {
  t.test(`a sign-out with a forged cookie signs nobody out, ${name}`, async (t) => {
    const devices = await startDevices(t, secret)
    const { gateway, here } = devices
    const forged = `better-auth.session_token=${signCookie(tokenIn(here.cookie), 'not the secret')}`
    const multi = `better-auth.session_token_multi-x=${signCookie(tokenIn(here.cookie), 'nor this')}`
    const bearer = decodeURIComponent(forged.split('=')[1] ?? '')
    for (const headers of [
      { cookie: forged },
      { cookie: `${forged}; ${multi}` },
      { authorization: `Bearer ${bearer}` },
      { authorization: `Bearer ${tokenIn(here.cookie)}` },
    ]) {
      const reply = await gateway.request('/api/auth/sign-out', {
        method: 'POST',
        headers: { ...headers, origin, 'content-type': 'application/json' },
        body: '{}',
      })
      t.equal(reply.status, 200, 'Better Auth says so to everybody')
    }
    t.same(await outcomes(devices), { here: alive, there: alive, stranger: 200 })
  })
}

t.test('a sign-out of which nobody knows whether it was done is asked about', async (t) => {
  const devices = await startDevices(t)
  const { gateway, remote, here } = devices
  remote.freeze()
  const reply = await call(gateway, '/sign-out', { cookie: here.cookie })
  t.match(reply.json(), { status: 503, code: 'session_store_unavailable' })
  remote.thaw()
  // It was under way to it, and is done now.
  const before = performance.now()
  while ((await outcomes(devices)).here[0] === 200 && performance.now() - before < 2000) {
    await sleep(20)
  }
  t.same((await outcomes(devices)).here, dead, 'what was remembered does not count')
})

import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { password, signUp, startGateway, type Running } from '../../helper/gateway.ts'
import { bearerOf, call, outcome, setCookies, signIn, view } from '../calls.ts'

const module = {
  'auth.ts': `import { writeFileSync } from 'node:fs'
    export default {
      user: { deleteUser: { enabled: true }, changeEmail: { enabled: true } },
      emailAndPassword: {
        // Hashing is no subject here, and two dozen scrypt hashes would take their time.
        password: { hash: async (password) => password, verify: async ({ hash, password }) => hash === password },
        sendResetPassword: async ({ token }) => { writeFileSync(new URL('./reset', import.meta.url), token) },
      },
    }`,
}

interface Devices {
  readonly gateway: Running
  readonly email: string
  /** Two devices of one user, with cookie and bearer each; and somebody else. */
  readonly here: { readonly cookie: string; readonly authorization: string }
  readonly there: { readonly cookie: string; readonly authorization: string }
  readonly stranger: { readonly cookie: string }
}

/** Everybody is signed in, and everybody's session is cached. */
async function startDevices(t: Parameters<typeof startBackend>[0]): Promise<Devices> {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    auth: 'signUp: open, module: ./auth.ts',
    files: module,
  })
  const { email, cookie } = await signUp(gateway)
  const elsewhere = await signIn(gateway, email)
  const { cookie: stranger } = await signUp(gateway, 'bob@example.com')
  const devices: Devices = {
    gateway,
    email,
    here: { cookie, authorization: await bearerOf(gateway, cookie) },
    there: { cookie: elsewhere, authorization: await bearerOf(gateway, elsewhere) },
    stranger: { cookie: stranger },
  }
  t.same(await outcomes(devices), { here: [200, 200], there: [200, 200], stranger: 200 })
  return devices
}

/** By cookie, then by bearer. */
async function outcomes({ gateway, here, there, stranger }: Devices) {
  const both = async (device: Devices['here']) => [
    await outcome(gateway, { cookie: device.cookie }),
    await outcome(gateway, { authorization: device.authorization }),
  ]
  return {
    here: await both(here),
    there: await both(there),
    stranger: await outcome(gateway, stranger),
  }
}

const alive = [200, 200]
const revoked = ['session_revoked', 'session_revoked']

type Act = (devices: Devices) => Promise<{ readonly status: number; readonly text: string }>

/** What each act does to the device it is done on, and to the other one. */
const acts: Readonly<Record<string, { act: Act; here: unknown; there: unknown }>> = {
  'sign-out': {
    act: ({ gateway, here }) => call(gateway, '/sign-out', { cookie: here.cookie }),
    here: revoked,
    there: alive,
  },
  'revoking another session': {
    act: async ({ gateway, here, there }) => {
      const token = decodeURIComponent(there.cookie.split('=')[1] ?? '').split('.')[0]
      return call(gateway, '/revoke-session', { cookie: here.cookie, body: { token } })
    },
    here: alive,
    there: revoked,
  },
  'revoking all other sessions': {
    act: ({ gateway, here }) => call(gateway, '/revoke-other-sessions', { cookie: here.cookie }),
    here: alive,
    there: revoked,
  },
  'revoking all sessions': {
    act: ({ gateway, here }) => call(gateway, '/revoke-sessions', { cookie: here.cookie }),
    here: revoked,
    there: revoked,
  },
  'deleting the user': {
    act: ({ gateway, here }) =>
      call(gateway, '/delete-user', { cookie: here.cookie, body: { password } }),
    here: revoked,
    there: revoked,
  },
  'resetting the password': {
    act: async ({ gateway, email }) => {
      await call(gateway, '/request-password-reset', { body: { email, redirectTo: '/reset' } })
      const { readFileSync } = await import('node:fs')
      const token = readFileSync(`${gateway.folder}/reset`, 'utf8')
      return call(gateway, '/reset-password', { body: { token, newPassword: 'another horse 42' } })
    },
    here: revoked,
    there: revoked,
  },
  'changing the password alone': {
    act: ({ gateway, here }) =>
      call(gateway, '/change-password', {
        cookie: here.cookie,
        body: { currentPassword: password, newPassword: 'another horse 42' },
      }),
    here: alive,
    there: alive,
  },
}

for (const [name, { act, here, there }] of Object.entries(acts)) {
  t.test(`${name} counts on the very next request, by cookie and by bearer`, async (t) => {
    const devices = await startDevices(t)
    const { status, text } = await act(devices)
    t.equal(status, 200, text)
    t.same(await outcomes(devices), { here, there, stranger: 200 })
  })
}

t.test(
  'changing the password and revoking the others gives this device a new session',
  async (t) => {
    const devices = await startDevices(t)
    const { gateway, here } = devices
    const reply = await call(gateway, '/change-password', {
      cookie: here.cookie,
      body: {
        currentPassword: password,
        newPassword: 'another horse 42',
        revokeOtherSessions: true,
      },
    })
    t.equal(reply.status, 200)
    t.same(await outcomes(devices), { here: revoked, there: revoked, stranger: 200 })
    t.equal(await outcome(gateway, { cookie: reply.cookie }), 200)
  },
)

t.test('a revoked session has its cookies cleared, once it is asked about', async (t) => {
  const { gateway, here, there } = await startDevices(t)
  await call(gateway, '/revoke-other-sessions', { cookie: here.cookie })
  const reply = await gateway.request('/api/x', { headers: { cookie: there.cookie } })
  t.equal(reply.status, 401)
  t.ok(setCookies(reply).some((cookie) => /^better-auth\.session_token=; Max-Age=0/.test(cookie)))
})

t.test('what a user changes about themselves is seen at once, on every device', async (t) => {
  const { gateway, here, there, stranger } = await startDevices(t)
  const image = 'https://images.test/ada.png'
  const body = { name: 'Countess', image }
  t.equal((await call(gateway, '/update-user', { cookie: here.cookie, body })).status, 200)
  for (const cookie of [here.cookie, there.cookie])
    t.match(await view(gateway, cookie), { user: { name: 'Countess', image } })
  t.match(await view(gateway, stranger.cookie), { user: { name: 'Ada' } })
})

t.test('requests that are under way while a session ends never bring it back', async (t) => {
  const { gateway, here } = await startDevices(t)
  const during = Array.from({ length: 20 }, () => outcome(gateway, { cookie: here.cookie }))
  const out = call(gateway, '/sign-out', { cookie: here.cookie })
  const more = Array.from({ length: 20 }, () => outcome(gateway, { cookie: here.cookie }))
  await Promise.all([out, ...during, ...more])
  t.equal(await outcome(gateway, { cookie: here.cookie }), 'session_revoked')
})

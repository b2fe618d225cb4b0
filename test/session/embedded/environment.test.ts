import t, { type Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { signUp, startGateway } from '../../helper/gateway.ts'
import { call, outcome, setCookies, signIn, view } from '../calls.ts'

const upstream = 'http://127.0.0.1:9'

function setVariable(t: Test, name: string, value: string): void {
  const before = process.env[name]
  process.env[name] = value
  t.teardown(() => {
    if (before === undefined) Reflect.deleteProperty(process.env, name)
    else process.env[name] = before
  })
}

t.test('a secret in an environment variable of Better Auth is not used', async (t) => {
  setVariable(t, 'BETTER_AUTH_SECRETS', '7:another-secret-of-thirty-two-bytes-or-more')
  setVariable(t, 'AUTH_SECRET', 'another-secret-of-thirty-two-bytes-or-more')
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const { cookie } = await signUp(gateway)
  t.equal(await outcome(gateway, { cookie }), 200, 'the gateway and Better Auth sign alike')
})

t.test('neither is an address in one', async (t) => {
  setVariable(t, 'BETTER_AUTH_URL', 'https://elsewhere.test/auth')
  const gateway = await startGateway(t, { upstream })
  const { email } = await signUp(gateway)
  const cookie = await signIn(gateway, email)
  t.match(cookie, /^better-auth\.session_token=/)
  t.match(await view(gateway, cookie), { authenticated: true })
})

t.test('origins in one stop the start instead of being trusted unseen', async (t) => {
  setVariable(t, 'BETTER_AUTH_TRUSTED_ORIGINS', 'https://app.test,https://evil.test')
  await t.rejects(startGateway(t, { upstream, publicUrl: 'https://app.test' }), {
    name: 'StartupError',
    message: /^auth\.trustedOrigins: https:\/\/evil\.test comes from BETTER_AUTH_TRUSTED_ORIGINS/,
  })
})

t.test('nothing depends on NODE_ENV', async (t) => {
  for (const mode of ['development', 'production', 'test']) {
    setVariable(t, 'NODE_ENV', mode)
    const gateway = await startGateway(t, { upstream })
    const { cookie } = await signUp(gateway)
    const foreign = await gateway.request('/api/auth/sign-out', {
      method: 'POST',
      headers: { cookie, origin: 'https://evil.test', 'content-type': 'application/json' },
      body: '{}',
    })
    t.equal(foreign.status, 403, mode)
    const out = await call(gateway, '/sign-out', { cookie })
    t.equal(out.status, 200, mode)
    t.notOk(
      setCookies(out).some((value) => /; secure/i.test(value)),
      mode,
    )
  }
})

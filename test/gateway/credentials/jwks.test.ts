import { decodeProtectedHeader } from 'jose'
import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { origin, signUp, startGateway, type Running } from '../../helper/gateway.ts'
import { publish, startIssuer } from '../../helper/issuer.ts'
import { outcome, sql } from '../../session/calls.ts'

const withJwt = {
  'auth.ts': `import { jwt } from 'better-auth/plugins'
    export default { plugins: [jwt({ disableSettingJwtHeader: true })] }`,
}
const auth = 'signUp: open, module: ./auth.ts'

/** The token that Better Auth's jwt plugin gives to a session. */
async function tokenOf(gateway: Running, cookie: string): Promise<string> {
  const reply = await gateway.request('/api/auth/token', { headers: { cookie } })
  return reply.json()['token'] as string
}

t.test(
  "a token of a Better Auth's jwt plugin is upgraded: FastAPI gets one that it can verify",
  async (t) => {
    const elsewhere = await startGateway(t, {
      upstream: 'http://127.0.0.1:9',
      auth,
      files: withJwt,
    })
    const keys = await publish(t, async () => (await elsewhere.request('/api/auth/jwks')).text)
    const backend = await startBackend(t)
    const entry = `{ url: "${keys.url}", issuer: "${origin}", audience: "${origin}", algorithms: [EdDSA] }`
    // The other one lives in the same test, and so in a folder of its own.
    await t.test('through another gateway', async (t) => {
      const gateway = await startGateway(t, {
        upstream: backend.url,
        yaml: `bearer: { jwks: [${entry}] }`,
      })
      const { id, cookie } = await signUp(elsewhere)
      const token = await tokenOf(elsewhere, cookie)
      t.match(decodeProtectedHeader(token), { alg: 'EdDSA', kid: String })
      const headers = { authorization: `Bearer ${token}`, 'x-user-id': 'mallory' }
      t.equal((await gateway.request('/api/x', { headers })).status, 200)
      const [seen] = backend.seen
      t.equal(seen?.headers['x-user-id'], id)
      const assertion = String(seen?.headers.authorization).replace('Bearer ', '')
      t.match(decodeProtectedHeader(assertion), { alg: 'HS256', typ: 'sallyport+jwt' })
      t.notMatch(JSON.stringify(seen?.rawHeaders), token, 'the token itself goes no further')
      // What FastAPI was given must not open our own door, wherever it was logged.
      t.equal(await outcome(gateway, { authorization: `Bearer ${assertion}` }), 'token_invalid')

      await t.test('and goes on to be when the keys are rotated, without a restart', async (t) => {
        sql(elsewhere, 'DELETE FROM jwks')
        const rotated = await tokenOf(elsewhere, cookie)
        t.not(decodeProtectedHeader(rotated).kid, decodeProtectedHeader(token).kid)
        t.equal(await outcome(gateway, { authorization: `Bearer ${rotated}` }), 200)
        t.equal(keys.fetched(), 2)
        t.equal(
          await outcome(gateway, headers),
          'token_invalid',
          'the old key is no longer published',
        )
      })
    })
  },
)

t.test('a storm of made-up keys and tokens is 401, and asks the issuer twice', async (t) => {
  const backend = await startBackend(t)
  const issuer = await startIssuer(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    yaml: `bearer: { jwks: [${issuer.yaml()}] }`,
  })
  t.equal(await outcome(gateway, { authorization: `Bearer ${await issuer.sign()}` }), 200)
  const storm = Array.from({ length: 200 }, async (_, index) => {
    const token = await issuer.sign({ header: { kid: `made-up-${String(index)}` } })
    return outcome(gateway, { authorization: `Bearer ${token}` })
  })
  t.same(new Set(await Promise.all(storm)), new Set(['token_invalid']))
  t.equal(issuer.fetched, 2)
  t.equal(backend.seen.length, 1)
})

t.test('an issuer that is away logs nobody out, and lets nobody in', async (t) => {
  const backend = await startBackend(t)
  const issuer = await startIssuer(t)
  issuer.isDown = true
  const gateway = await startGateway(t, {
    upstream: backend.url,
    yaml: `bearer: { jwks: [${issuer.yaml()}] }`,
  })
  const authorization = `Bearer ${await issuer.sign({ claims: { exp: Math.floor(Date.now() / 1000) + 3600 } })}`
  for (const path of ['/api/x', '/maybe/x']) {
    const reply = await gateway.request(path, { headers: { authorization } })
    t.equal(reply.status, 503, path)
    t.match(reply.json(), { code: 'session_store_unavailable', action: 'retry' })
    t.match(reply.headers['retry-after'], /^[1-9]/)
  }
  issuer.isDown = false
  gateway.clock.offsetMs = 1500
  t.equal(await outcome(gateway, { authorization }), 200, 'it is back within 2 s')
  issuer.isDown = true
  gateway.clock.offsetMs = 600_000
  t.equal(await outcome(gateway, { authorization }), 200, 'what was fetched is kept')
  t.equal(backend.seen.length, 2)
})

t.test(
  'a reload adds an issuer, keeps the keys of one that stays, and takes one away',
  async (t) => {
    const backend = await startBackend(t)
    const [one, two] = [await startIssuer(t, 'one.test'), await startIssuer(t, 'two.test', 'ES256')]
    const yaml = (...entries: readonly string[]) => ({
      yaml: `bearer: { jwks: [${entries.join(', ')}] }`,
    })
    const gateway = await startGateway(t, { upstream: backend.url, ...yaml(one.yaml()) })
    const ask = async (issuer: typeof one): Promise<unknown> =>
      outcome(gateway, { authorization: `Bearer ${await issuer.sign()}` })
    t.same([await ask(one), await ask(two)], [200, 'token_invalid'])
    gateway.reload(yaml(one.yaml(), two.yaml()))
    t.same([await ask(one), await ask(two)], [200, 200])
    t.equal(one.fetched, 1)
    gateway.reload(yaml(two.yaml()))
    t.same([await ask(one), await ask(two)], ['token_invalid', 200])
  },
)

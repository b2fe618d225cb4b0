import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { jwt } from 'better-auth/plugins'
import { decodeJwt, decodeProtectedHeader, exportSPKI } from 'jose'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { startBackend, type Backend } from '../../helper/backend.ts'
import { signUp, startGateway, type Running } from '../../helper/gateway.ts'
import { publish, signWith, startIssuer } from '../../helper/issuer.ts'
import { authSecret, goodClaims, jwtSecret, mint } from '../../helper/token.ts'
import { bearerOf, outcome } from '../../session/calls.ts'

async function start(
  t: Test,
  entries: readonly string[],
): Promise<{
  readonly gateway: Running
  readonly backend: Backend
  readonly codeOf: (token: string) => Promise<unknown>
}> {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    yaml: `bearer: { sessionTokens: true, jwks: [${entries.join(', ')}] }`,
  })
  const codeOf = (token: string) => outcome(gateway, { authorization: `Bearer ${token}` })
  return { gateway, backend, codeOf }
}

// The attack: everybody can read an issuer's public key. A verifier that lets the token choose its algorithm takes the text of
// that key for the secret of an HMAC, and so believes whoever signs with it (RFC 8725 §2.1).
t.test('a token "signed" with the public key of an issuer is refused', async (t) => {
  const issuer = await startIssuer(t, 'issuer.test', 'RS256')
  const { codeOf, backend } = await start(t, [issuer.yaml()])
  const [key] = issuer.keys
  const pem = await exportSPKI(key!.publicKey)
  const claims = goodClaims({ iss: issuer.issuer, aud: issuer.audience })
  for (const secret of [pem, JSON.stringify(key!.jwk)]) {
    const header = { alg: 'HS256', kid: key!.keyId, typ: 'JWT' }
    t.equal(await codeOf(mint(claims, { secret, header })), 'token_invalid')
  }
  // And the other way round: what knows the shared secret may not call itself asymmetric.
  const header = { alg: 'RS256', kid: key!.keyId, typ: 'JWT' }
  t.equal(await codeOf(mint(claims, { secret: jwtSecret, header })), 'token_invalid')
  t.equal(backend.seen.length, 0)
  t.equal(await codeOf(await issuer.sign()), 200)
})

// The attack: two issuers are trusted, one for machines, one for people. Who may sign at the first names the second in `iss`, or publishes a
// key under an id of the second's, and hopes that keys are looked for in one heap.
t.test('the keys of one issuer do not speak for another', async (t) => {
  const [people, machines] = [
    await startIssuer(t, 'people.test'),
    await startIssuer(t, 'machines.test'),
  ]
  const { codeOf, backend } = await start(t, [people.yaml(), machines.yaml()])
  t.equal(await codeOf(await signWith(machines.keys[0]!, people)), 'token_invalid')
  const stolenId = { ...machines.keys[0]!, keyId: people.keys[0]!.keyId }
  machines.keys.push({ ...stolenId, jwk: { ...stolenId.jwk, kid: stolenId.keyId } })
  t.equal(await codeOf(await signWith(stolenId, people)), 'token_invalid')
  t.equal(await codeOf(await people.sign({ claims: { iss: machines.issuer } })), 'token_invalid')
  t.equal(
    await codeOf(await people.sign({ claims: { aud: 'https://other.test' } })),
    'token_invalid',
  )
  t.equal(backend.seen.length, 0)
  t.equal(await codeOf(await people.sign()), 200)
})

// The attack: `kid` is text from the token. It has been used as a path, as SQL, as a URL, and to ask for keys until the issuer is tired.
t.test('an id of a key is only ever compared', async (t) => {
  const issuer = await startIssuer(t)
  const { codeOf } = await start(t, [issuer.yaml()])
  await codeOf(await issuer.sign())
  for (const kid of [
    '../../../../dev/null',
    "x' UNION SELECT 'a'--",
    issuer.url,
    '__proto__',
    '',
    '\u0000',
  ]) {
    t.equal(await codeOf(await issuer.sign({ header: { kid } })), 'token_invalid', kid)
  }
  t.equal(issuer.fetched, 2)
})

// The attack: FastAPI logs its headers. Whoever reads the log sends what we vouched for back to us, as a token that never was theirs.
t.test('what FastAPI was given does not come back in', async (t) => {
  const issuer = await startIssuer(t)
  const { gateway, backend, codeOf } = await start(t, [issuer.yaml()])
  const { cookie } = await signUp(gateway)
  const credentials: Record<string, string>[] = [
    { cookie },
    { authorization: `Bearer ${await issuer.sign()}` },
    { authorization: `Bearer ${cookie.slice(cookie.indexOf('=') + 1)}` },
    { authorization: await bearerOf(gateway, cookie) },
  ]
  for (const headers of credentials) {
    t.equal((await gateway.request('/api/x', { headers })).status, 200)
    const given = String(backend.seen.at(-1)?.headers.authorization).replace('Bearer ', '')
    t.equal(decodeProtectedHeader(given).typ, 'sallyport+jwt')
    t.equal(await codeOf(given), 'token_invalid')
  }
})

// The attack: Better Auth can keep a copy of the session in a cookie that is a JWT, signed with the same keys as its access tokens, or with its
// own secret. A page that a cookie of it leaked from would be a way in that no sign-out closes.
t.test('the cookie cache of a Better Auth is no bearer token', async (t) => {
  const address = 'https://auth.test'
  const options = (cacheInJwks: boolean): Parameters<typeof betterAuth>[0] => ({
    database: new DatabaseSync(':memory:'),
    baseURL: address,
    secret: authSecret,
    emailAndPassword: { enabled: true },
    session: { cookieCache: { enabled: true, strategy: 'jwt' } },
    plugins: [
      jwt({
        jwks: { keyPairConfig: { alg: 'EdDSA' } },
        ...(cacheInJwks ? { sessionCookieCache: true } : {}),
      }),
    ],
  })
  for (const cacheInJwks of [true, false]) {
    await t.test(
      cacheInJwks ? 'signed like its access tokens' : 'signed with its secret',
      async (t) => {
        const made = options(cacheInJwks)
        await (await getMigrations(made)).runMigrations()
        const auth = betterAuth(made)
        const post = (path: string, body: unknown): Promise<Response> =>
          auth.handler(
            new Request(`${address}/api/auth${path}`, {
              method: 'POST',
              headers: { 'content-type': 'application/json', origin: address },
              body: JSON.stringify(body),
            }),
          )
        const reply = await post('/sign-up/email', {
          name: 'A',
          email: 'a@example.com',
          password: 'correct horse battery',
        })
        const cookies = reply.headers.getSetCookie().map((line) => line.split(';')[0] ?? '')
        const data = cookies.find((pair) => pair.includes('session_data='))
        const cache = decodeURIComponent(String(data).slice(String(data).indexOf('=') + 1))
        const keys = await publish(t, async () =>
          (await auth.handler(new Request(`${address}/api/auth/jwks`))).text(),
        )
        const { iss = address, aud = address } = decodeJwt(cache)
        for (const audience of new Set([String(aud), address])) {
          const { codeOf } = await start(t, [
            `{ url: "${keys.url}", issuer: "${iss}", audience: "${audience}", algorithms: [EdDSA] }`,
          ])
          t.equal(await codeOf(cache), 'token_invalid', `for ${audience}`)
        }
        const cookie = cookies.join('; ')
        const token = await auth.handler(
          new Request(`${address}/api/auth/token`, { headers: { cookie } }),
        )
        const access = ((await token.json()) as { readonly token: string }).token
        const { codeOf } = await start(t, [
          `{ url: "${keys.url}", issuer: "${address}", audience: "${address}", algorithms: [EdDSA] }`,
        ])
        t.equal(await codeOf(access), 200, 'its access token is')
      },
    )
  }
})

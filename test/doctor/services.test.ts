import t from 'tap'
import { startGateway } from '../helper/gateway.ts'
import { startIssuer } from '../helper/issuer.ts'
import { freePort } from '../helper/program.ts'
import { pushSecret, startAuthServer } from '../session/remote/server.ts'
import { datedCertificates, passOn, serve } from './servers.ts'
import { allSound, onlyWrong, setUp, type Changes } from './set-up.ts'

// What else the gateway depends on. The application behind it is none of this file's business.

const api = await serve(t, (request, response) => {
  const isNobody = request.headers['x-user-id'] === undefined
  const guarded = '{ "/me": { "get": { "security": [{ "bearer": [] }] } } }'
  if (request.url === '/openapi.json') response.end(`{"openapi":"3.1.0","paths":${guarded}}`)
  else response.writeHead(isNobody ? 401 : 200).end('{}')
})
const set = await setUp(t, { upstreams: `{ api: "${api}" }`, identity: '{ token: none }' })
await set.migrate()

t.test('a Better Auth elsewhere', async (t) => {
  const remote = await startAuthServer(t)
  const auth = (more: string): Changes => ({
    auth: `{ mode: remote, ${more} }`,
    server: '{ listen: "127.0.0.1:0", publicUrl: "http://app.test" }',
  })
  const told = `url: "${remote.url}", secret: none, pushSecret: "\${PUSH}"`
  const env = { JWT_SECRET: 'm4Xc8bZr2Kq9Wt7Lf3Vn6Jh1Pd5Gs0Y-bearer', PUSH: pushSecret }
  const look = async (more: string) =>
    (await set.look({ changes: auth(more), env })).filter(({ name }) => name !== 'configuration')

  t.test('answers', async (t) => {
    allSound(t, await look(told), ['better auth'])
  })
  t.test('does not tell of revocations', async (t) => {
    onlyWrong(t, await look(`url: "${remote.url}", secret: none`), {
      name: 'better auth',
      verdict: 'warning',
      seen: /does not tell of revocations: sessions are remembered for 5 s$/,
      advice: /^Set auth\.pushSecret/,
    })
  })
  t.test('is below another path', async (t) => {
    onlyWrong(t, await look(`${told}, path: /auth`), {
      name: 'better auth',
      verdict: 'problem',
      seen: /^nothing answers at .*\/auth$/,
      advice: /^Set auth\.path/,
    })
  })
  t.test('is something else', async (t) => {
    onlyWrong(t, await look(told.replace(remote.url, api)), {
      name: 'better auth',
      verdict: 'problem',
      seen: /is no Better Auth \(status 401\)$/,
      advice: /auth\.url/,
    })
  })
  t.test('is down', async (t) => {
    await remote.kill()
    onlyWrong(t, await look(told), {
      name: 'better auth',
      verdict: 'problem',
      seen: /cannot be asked: it refuses connections$/,
      advice: /auth\.url/,
    })
  })
})

t.test('the keys of another issuer', async (t) => {
  const issuer = await startIssuer(t)
  const bearer = (entry: string): Changes => ({
    bearer: `{ secret: "\${JWT_SECRET}", jwks: [${entry}] }`,
  })
  const name = 'issuer https://issuer.test'
  allSound(t, await set.look({ changes: bearer(issuer.yaml()) }), [name])
  const other = issuer.yaml().replace('[EdDSA]', '[RS256]')
  onlyWrong(t, await set.look({ changes: bearer(other) }), {
    name,
    verdict: 'problem',
    seen: /^none of the keys at \S+ is for RS256$/,
    advice: /algorithms/,
  })
  issuer.isDown = true
  onlyWrong(t, await set.look({ changes: bearer(issuer.yaml()) }), {
    name,
    verdict: 'problem',
    seen: /cannot be had: the issuer answered with status 500$/,
    advice: /JWK set/,
  })
})

t.test('a gateway that runs, and one that is not ready', async (t) => {
  const { adminUrl } = await startGateway(t, { upstream: api, admin: 'listen: "127.0.0.1:0"' })
  const admin = (url: string | null) => ({
    admin: `{ listen: "${new URL(url ?? '').host.replace('localhost', '127.0.0.1')}" }`,
  })
  allSound(t, await set.look({ changes: admin(adminUrl) }), ['gateway'])
  const unready = await serve(t, (_request, response) => {
    response.writeHead(503).end('not ready\n')
  })
  onlyWrong(t, await set.look({ changes: { admin: `{ listen: "${new URL(unready).host}" }` } }), {
    name: 'gateway',
    verdict: 'problem',
    seen: /runs and is not ready$/,
    advice: /other checks/,
  })
  const deaf = await serve(t, (request, response) => {
    response.end(request.url === '/readyz' ? 'ready\n' : 'sallyport_revocation_bus_up 0\n')
  })
  onlyWrong(t, await set.look({ changes: { admin: `{ listen: "${new URL(deaf).host}" }` } }), {
    name: 'gateway',
    verdict: 'warning',
    seen: /does not hear of revocations/,
    advice: /Redis or the database/,
  })
})

t.test('the public origin', async (t) => {
  const gateway = await startGateway(t, { upstream: api })
  const asked = (publicUrl: string) => ({
    changes: { server: `{ listen: "127.0.0.1:0", publicUrl: "${publicUrl}" }` },
    isPublic: true,
  })
  const front = await serve(t, (request, response) => {
    request.headers.host = 'app.test'
    passOn(gateway.url)(request, response)
  })
  allSound(t, await set.look(asked(front)), ['public url'])
  onlyWrong(t, await set.look(asked(api)), {
    name: 'public url',
    verdict: 'problem',
    seen: /is not this gateway \(status 401\)$/,
    advice: /passes every path on/,
  })
  onlyWrong(t, await set.look(asked(`http://localhost:${await freePort()}`)), {
    name: 'public url',
    verdict: 'problem',
    seen: /: nothing listens there$/,
    advice: /leads to the gateway/,
  })
  const certificates = datedCertificates(t)
  if (certificates === null) return
  const expired = certificates.issue('DNS:localhost', { from: -30, to: -2 })
  onlyWrong(t, await set.look(asked(await serve(t, passOn(front), expired))), {
    name: 'public url',
    verdict: 'problem',
    seen: /its certificate has expired/,
    advice: /^Renew/,
  })
})

t.test('the certificate that the gateway itself shows', async (t) => {
  const certificates = datedCertificates(t)
  if (certificates === null) return
  const { issue } = certificates
  const good = issue('DNS:app.test', { from: -1, to: 90 })
  const server = (pair: { readonly certFile: string; readonly keyFile: string }) => ({
    server: `{ listen: "127.0.0.1:0", publicUrl: "https://app.test", tls: { cert: "${pair.certFile}", key: "${pair.keyFile}" } }`,
  })
  allSound(t, await set.look({ changes: server(good) }), ['certificate', 'files'])
  const expired = issue('DNS:app.test', { from: -30, to: -2 })
  const near = issue('DNS:app.test', { from: -80, to: 6 })
  const other = issue('DNS:other.test', { from: -1, to: 90 })
  const cases = [
    [expired, 'problem', /^server\.tls\.cert has expired on/],
    [near, 'warning', /^server\.tls\.cert expires on \S+, in 5 days$/],
    [other, 'problem', /^server\.tls\.cert is not for app\.test/],
    [{ ...good, keyFile: other.keyFile }, 'problem', /does not belong to the certificate/],
    [{ ...good, certFile: `${good.certFile}.gone` }, 'problem', /cannot be read \(ENOENT\)$/],
  ] as const
  for (const [pair, verdict, seen] of cases) {
    const findings = await set.look({ changes: server(pair) })
    onlyWrong(t, findings, { name: 'certificate', verdict, seen, advice: /./ })
  }
})

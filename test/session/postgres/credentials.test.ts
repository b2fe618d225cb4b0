import { randomUUID } from 'node:crypto'
import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { signUp, startGateway, type StartOptions } from '../../helper/gateway.ts'
import { startIssuer } from '../../helper/issuer.ts'
import { startPostgres } from '../../helper/servers/postgres.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import { makeKey } from '../../gateway/credentials/keys.ts'
import { call, outcome } from '../calls.ts'

// PostgreSQL keeps ids as UUIDs and complains of texts that are none; a token may name anybody.
t.test('whoever a token names, it is 401 and not 503', async (t) => {
  const postgres = await startPostgres(t)
  if (postgres === null) return
  const issuer = await startIssuer(t)
  const gateway = await startGateway(t, {
    upstream: (await startBackend(t)).url,
    database: postgres.url,
    yaml: `bearer: { requireUser: true, jwks: [${issuer.yaml('sessions: true')}] }`,
  })
  const { id } = await signUp(gateway)
  for (const sub of [
    'script-1',
    '7',
    "x' OR 1=1 --",
    randomUUID(),
    `${id}x`,
    id.replaceAll('-', ''),
    id.toUpperCase(),
    `{${id}}`,
  ]) {
    const authorization = `Bearer ${mint(goodClaims({ sub }))}`
    t.equal(await outcome(gateway, { authorization }), 'token_invalid', sub)
  }
  t.equal(await outcome(gateway, { authorization: `Bearer ${mint(goodClaims({ sub: id }))}` }), 200)
  for (const sid of ['session-1', randomUUID(), "x' OR 1=1 --"]) {
    const authorization = `Bearer ${await issuer.sign({ claims: { sub: id, sid } })}`
    t.equal(await outcome(gateway, { authorization }), 'session_expired', sid)
  }
})

t.test('a key that is deleted on one gateway ends on the other', async (t) => {
  const postgres = await startPostgres(t)
  if (postgres === null) return
  const backend = await startBackend(t)
  const options: StartOptions = {
    upstream: backend.url,
    database: postgres.url,
    yaml: 'bearer: { apiKeys: true }',
  }
  const one = await startGateway(t, options)
  await t.test('which shares its database', async (t) => {
    const two = await startGateway(t, options)
    const ada = await signUp(one)
    const { id, key } = await makeKey({ gateway: one }, ada)
    const headers = { 'x-api-key': key }
    t.equal(await outcome(two, headers), 200)
    await call(one, '/api-key/delete', { cookie: ada.cookie, body: { keyId: id } })
    t.equal(await outcome(one, headers), 'api_key_invalid')
    const deadline = performance.now() + 1000
    let there = await outcome(two, headers)
    while (there === 200 && performance.now() < deadline) there = await outcome(two, headers)
    t.equal(there, 'api_key_invalid', 'within a second')
  })
})

t.test('a limit is counted on all gateways together', async (t) => {
  const postgres = await startPostgres(t)
  if (postgres === null) return
  const backend = await startBackend(t)
  const options: StartOptions = {
    upstream: backend.url,
    database: postgres.url,
    yaml: 'bearer: { apiKeys: true }',
  }
  const one = await startGateway(t, options)
  await t.test('which share a database', async (t) => {
    const two = await startGateway(t, options)
    const { id, key } = await makeKey({ gateway: one }, await signUp(one))
    await postgres.query(
      'UPDATE apikey SET "rateLimitMax" = 10, "rateLimitTimeWindow" = 60000 WHERE id = $1',
      [id],
    )
    const uses = Array.from({ length: 30 }, (_, index) =>
      outcome(index % 2 === 0 ? one : two, { 'x-api-key': key }),
    )
    const answers = await Promise.all(uses)
    t.equal(answers.filter((answer) => answer === 200).length, 10)
    t.same(new Set(answers), new Set([200, 'rate_limited']))
  })
})

import t, { type Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { signUp, startGateway, type Running } from '../../helper/gateway.ts'
import { startIssuer, type IssuerServer } from '../../helper/issuer.ts'
import { call, outcome, sql } from '../../session/calls.ts'

async function start(t: Test): Promise<{ gateway: Running; issuer: IssuerServer }> {
  const backend = await startBackend(t)
  const issuer = await startIssuer(t)
  const yaml = `bearer: { jwks: [${issuer.yaml('sessions: true')}] }`
  return { issuer, gateway: await startGateway(t, { upstream: backend.url, yaml }) }
}

function sessionOf(gateway: Running, userId: string): string {
  const [row] = sql(gateway, 'SELECT id FROM session WHERE userId = ?', userId)
  return String(row?.['id'])
}

t.test('a token that names a session of ours dies with it', async (t) => {
  const { gateway, issuer } = await start(t)
  const { id, cookie } = await signUp(gateway)
  const sid = sessionOf(gateway, id)
  const authorization = `Bearer ${await issuer.sign({ claims: { sub: id, sid } })}`
  t.equal(await outcome(gateway, { authorization }), 200)
  await call(gateway, '/sign-out', { cookie })
  t.equal(await outcome(gateway, { authorization }), 'session_revoked')
})

t.test('it speaks for the user of that session and nobody else', async (t) => {
  const { gateway, issuer } = await start(t)
  const ada = await signUp(gateway)
  const bob = await signUp(gateway, 'bob@example.com')
  const ask = async (claims: Readonly<Record<string, unknown>>): Promise<unknown> =>
    outcome(gateway, { authorization: `Bearer ${await issuer.sign({ claims })}` })
  const sid = sessionOf(gateway, ada.id)
  t.equal(await ask({ sub: bob.id, sid }), 'token_invalid')
  t.equal(await ask({ sub: ada.id }), 'token_invalid', 'one that names no session')
  for (const other of ['', 7, null, [sid]]) {
    t.equal(await ask({ sub: ada.id, sid: other }), 'token_invalid', JSON.stringify(other))
  }
  for (const other of ['unknown', '../x', "' OR 1=1 --", 'x'.repeat(500)]) {
    t.equal(await ask({ sub: ada.id, sid: other }), 'session_expired', other.slice(0, 20))
  }
  t.equal(await ask({ sub: ada.id, sid }), 200)
})

import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { startGateway } from '../../helper/gateway.ts'
import { goodClaims, mint, signCookie } from '../../helper/token.ts'
import { call, sql } from '../../session/calls.ts'

const users = 1000
const requests = 100_000
const callersAtOnce = 64
/** Fewer than there are users, so that sessions leave the cache all the time. */
const sessionsHeld = 700

const token = (user: number): string => `a-session-token-of-user-number-${user}`

/** The rows that a thousand sign-ups would have left. */
const rows = [
  `INSERT INTO user (id, name, email, emailVerified, createdAt, updatedAt)
   SELECT 'user-' || value, 'U', value || '@example.com', 1, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'
   FROM (WITH RECURSIVE n(value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM n WHERE value < ${users - 1}) SELECT value FROM n)`,
  `INSERT INTO session (id, token, userId, expiresAt, createdAt, updatedAt)
   SELECT 'session-' || substr(id, 6), 'a-session-token-of-user-number-' || substr(id, 6), id, '2999-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'
   FROM user`,
]

interface Call {
  readonly headers: Readonly<Record<string, string>>
  readonly expected: string
  /** What is expected once the session has been signed out, where it is the session that decides. */
  readonly afterwards?: string
}

/** The ways in which a user can ask, and who FastAPI must be told it is. */
function callsOf(user: number): readonly Call[] {
  const id = `user-${user}`
  const cookie = `better-auth.session_token=${signCookie(token(user))}`
  const claims = goodClaims({ sub: id, exp: Math.floor(Date.now() / 1000) + 3600 })
  const own = mint(
    { ...claims, sid: `session-${user}` },
    { header: { alg: 'HS256', typ: 'at+jwt' } },
  )
  const foreign = mint(goodClaims({ ...claims, sub: `script-${user}` }))
  const nobody = `better-auth.session_token=${signCookie(`${token(user)}-of-nobody`)}`
  return [
    { headers: { cookie }, expected: id, afterwards: 'nobody' },
    {
      headers: { cookie: `theme=${user}; ${cookie}; lang=en` },
      expected: id,
      afterwards: 'nobody',
    },
    { headers: { authorization: `Bearer ${own}` }, expected: id, afterwards: 'refused' },
    { headers: { authorization: `Bearer ${foreign}` }, expected: `script-${user}` },
    // Another's cookie beside a token: the token decides alone.
    {
      headers: { cookie: cookie.replace(/\d+\./, '7.'), authorization: `Bearer ${foreign}` },
      expected: `script-${user}`,
    },
    { headers: { cookie: nobody }, expected: 'nobody' },
    { headers: {}, expected: 'nobody' },
    { headers: { cookie: `${cookie.slice(0, -5)}AAA%3D` }, expected: 'refused' },
  ]
}

t.test('a thousand users over shared connections are never taken for one another', async (t) => {
  const backend = await startBackend(t, (request, response) => {
    const { 'x-user-id': id = 'nobody', 'x-nonce': nonce } = request.headers
    response.end(`${String(id)} ${String(nonce)}`)
  })
  const gateway = await startGateway(t, { upstream: backend.url, sessionsHeld })
  for (const statement of rows) sql(gateway, statement)
  const calls = Array.from({ length: users }, (_unused, user) => callsOf(user))
  const wrong: string[] = []
  const outcomes = new Map<string, number>()
  const signedOut = new Set<number>()
  const leaving = new Set<number>()
  let next = 0
  const signOut = async (user: number): Promise<void> => {
    leaving.add(user)
    const cookie = `better-auth.session_token=${signCookie(token(user))}`
    const { status } = await call(gateway, '/sign-out', { cookie })
    t.equal(status, 200)
    leaving.delete(user)
    signedOut.add(user)
  }
  const ask = async (nonce: number): Promise<void> => {
    const user = (nonce * 7919) % users
    const ofUser = calls[user]!
    const { headers, expected, afterwards = expected } = ofUser[nonce % ofUser.length]!
    const wasOut = signedOut.has(user)
    const reply = await gateway.request('/maybe/x', {
      headers: { ...headers, 'x-nonce': String(nonce) },
    })
    const said = reply.status === 401 ? 'refused' : reply.text.replace(` ${String(nonce)}`, '')
    // Whoever is being signed out while they ask may be answered either way, but never as somebody else.
    const isLeaving = leaving.has(user) || signedOut.has(user) !== wasOut
    const right = wasOut ? [afterwards] : isLeaving ? [expected, afterwards] : [expected]
    if (!right.includes(said)) wrong.push(`${said}, not ${right.join(' or ')}`)
    const kind = said.replace(/\d+/, '')
    outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1)
  }
  const caller = async (): Promise<void> => {
    while (next < requests) {
      const nonce = next
      next += 1
      // Halfway, every cached session is stale: a thousand look-ups begin among the running requests.
      if (nonce === requests / 2) gateway.clock.offsetMs = 31_000
      if (nonce % 500 === 499) await signOut(nonce % 991)
      await ask(nonce)
    }
  }
  await Promise.all(Array.from({ length: callersAtOnce }, caller))
  t.same(wrong.slice(0, 10), [])
  t.ok(signedOut.size > 150, `${signedOut.size} users signed out meanwhile`)
  for (const kind of ['user-', 'script-', 'nobody', 'refused']) {
    t.ok((outcomes.get(kind) ?? 0) > 5000, kind)
  }
})

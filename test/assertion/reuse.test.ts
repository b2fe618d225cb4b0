import t from 'tap'
import { createAsserter } from '../../src/assertion/assert.ts'
import type { Session } from '../../src/authn/principal.ts'

function sessionOf(id: string): Session {
  const user = {
    id: `user-of-${id}`,
    email: 'ada@example.com',
    emailVerified: true,
    name: 'Ada',
    image: null,
    role: null,
    banned: false,
  }
  return {
    id,
    expiresAtMs: 1e12,
    refreshAtMs: Infinity,
    createdAtMs: 0,
    impersonatedBy: null,
    organization: null,
    user,
  }
}

/** The issued token, unsigned, at a moment; `session` is the object that the cache holds. */
function tokens(): (session: Session, nowMs: number) => string {
  const assert = createAsserter({
    identity: { headers: [], token: { profile: 'default', ttlMs: 60_000, claims: [] } },
    sign: () => 'signature',
    clockSkew: 30,
  })
  return (session, nowMs) => {
    const { headers } = assert(
      { kind: 'session', via: 'cookie', userId: session.user.id, session },
      nowMs,
    )
    return headers[headers.indexOf('authorization') + 1] ?? ''
  }
}

t.test(
  'a token is used for the first half of its life, however long the session is cached',
  async (t) => {
    const tokenAt = tokens()
    const session = sessionOf('s1')
    const first = tokenAt(session, 1_000_000)
    t.equal(tokenAt(session, 1_029_999), first)
    t.not(tokenAt(session, 1_030_000), first)
  },
)

t.test(
  'whatever replaces a session replaces its token, and nobody gets the token of another',
  async (t) => {
    const tokenAt = tokens()
    const [one, other] = [sessionOf('s1'), sessionOf('s2')]
    const first = tokenAt(one, 0)
    t.not(tokenAt(other, 0), first)
    t.equal(tokenAt(one, 0), first)
    const claims = (token: string): unknown =>
      JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    t.match(claims(tokenAt(other, 0)), { sub: 'user-of-s2', sid: 's2' })
    const renamed = { ...one, user: { ...one.user, id: 'renamed' } }
    t.match(claims(tokenAt(renamed, 0)), { sub: 'renamed' })
  },
)

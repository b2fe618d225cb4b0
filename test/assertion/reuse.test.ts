import t from 'tap'
import { profiles } from '../../src/assertion/profiles.ts'
import type { Session } from '../../src/authn/principal.ts'
import type { TokenConfig, TokenProfile } from '../../src/config/types.ts'
import { asserterOf, principalOf, sessionOf, tokenIn, tokenOf } from './made-up.ts'

/** The issued token at a moment; `session` is the object that the cache holds. */
function tokens(
  more: Partial<TokenConfig> = {},
): (session: Session, nowMs: number) => { readonly text: string; readonly claims: unknown } {
  const assert = asserterOf({ token: tokenOf(more) })
  return (session, nowMs) => tokenIn(assert(principalOf(session), nowMs))
}

for (const profile of Object.keys(profiles) as TokenProfile[]) {
  t.test(
    `${profile}: a token is used for the first half of its life, however long the session is cached`,
    async (t) => {
      const tokenAt = tokens({ profile })
      const session = sessionOf()
      const first = tokenAt(session, 1_000_000)
      t.same(tokenAt(session, 1_029_999), first)
      const next = tokenAt(session, 1_030_000)
      t.not(next.text, first.text)
      t.match(next.claims, { exp: 1090 })
    },
  )
}

t.test('a token with an identifier of its own is used once', async (t) => {
  const tokenAt = tokens({ profile: 'custom', standardClaims: ['iat', 'jti'] })
  const session = sessionOf()
  t.match(tokenAt(session, 0).claims, { jti: 'token-1' })
  t.match(tokenAt(session, 0).claims, { jti: 'token-2' })
})

t.test(
  'whatever replaces a session replaces its token, and nobody gets the token of another',
  async (t) => {
    const tokenAt = tokens()
    const [one, other] = [sessionOf({}, 's1'), sessionOf({ id: 'user-2' }, 's2')]
    const first = tokenAt(one, 0).text
    t.not(tokenAt(other, 0).text, first)
    t.equal(tokenAt(one, 0).text, first)
    t.match(tokenAt(other, 0).claims, { sub: 'user-2', sid: 's2' })
    const renamed = { ...one, user: { ...one.user, id: 'renamed' } }
    t.match(tokenAt(renamed, 0).claims, { sub: 'renamed' })
  },
)

t.test('a refusal is not remembered: the next session object is looked at anew', async (t) => {
  const assert = asserterOf({ token: tokenOf({ subject: 'user.externalId' }) })
  t.match(assert(principalOf(sessionOf({ externalId: null })), 0), { refused: true })
  t.match(tokenIn(assert(principalOf(sessionOf({ externalId: '18' })), 0)).claims, { sub: '18' })
})

import t from 'tap'
import type { Principal } from '../../src/authn/principal.ts'
import type { UserField } from '../../src/config/types.ts'
import { asserterOf, principalOf, sessionOf, tokenIn, tokenOf, user } from './made-up.ts'

const assertFor = (subject: UserField, principal: Principal) =>
  asserterOf({ token: tokenOf({ subject }) })(principal, 0)

t.test(
  'FastAPI is told the field that it knows its users by; X-User-Id stays the id',
  async (t) => {
    for (const [subject, sub] of [
      ['user.id', 'user-1'],
      ['user.email', 'ada@example.com'],
      ['user.externalId', '17'],
      ['user.tenant', 'acme'],
    ] as const) {
      const assertion = assertFor(subject, principalOf(sessionOf()))
      t.match(tokenIn(assertion).claims, { sub }, subject)
      t.match(assertion, { headers: ['x-user-id', 'user-1'] }, subject)
    }
  },
)

t.test('the owner of an API key is known by the same field', async (t) => {
  const key: Principal = { kind: 'apiKey', userId: 'user-1', keyId: 'k', user, scopes: [] }
  t.match(tokenIn(assertFor('user.externalId', key)).claims, { sub: '17' })
})

t.test('who has no such field is refused, and never goes by another', async (t) => {
  const without = (more: Partial<typeof user>): Principal => principalOf(sessionOf(more))
  const cases: readonly [string, UserField, Principal, object][] = [
    [
      'no external id',
      'user.externalId',
      without({ externalId: null }),
      { code: 'subject_missing', detail: /users by user\.externalId, and this account has none/ },
    ],
    ['an empty one', 'user.externalId', without({ externalId: '' }), { code: 'subject_missing' }],
    ['no such field', 'user.tenant', without({ fields: {} }), { code: 'subject_missing' }],
    [
      'an unverified address',
      'user.email',
      without({ emailVerified: false }),
      { code: 'email_not_verified' },
    ],
    [
      'an upgraded token whose user is not known here',
      'user.email',
      {
        kind: 'bearer',
        userId: 'user-1',
        expiresAt: 1,
        passesOn: false,
        roles: [],
        scopes: [],
        user: null,
      },
      { code: 'subject_missing', detail: /belongs to no account/ },
    ],
  ]
  for (const [which, subject, principal, expected] of cases) {
    t.match(assertFor(subject, principal), { refused: true, ...expected }, which)
  }
})

t.test('without a token nobody needs a subject', async (t) => {
  const assertion = asserterOf({ token: null })(principalOf(sessionOf({ externalId: null })), 0)
  t.match(assertion, { headers: ['x-user-id', 'user-1'] })
})

t.test('a token that travels on keeps its own subject', async (t) => {
  const foreign: Principal = {
    kind: 'bearer',
    userId: 'script-7',
    expiresAt: 1,
    passesOn: true,
    roles: [],
    scopes: [],
    user: null,
  }
  t.match(assertFor('user.externalId', foreign), { keepAuthorization: true })
})

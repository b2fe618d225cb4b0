import t from 'tap'
import type { Identified } from '../../../../src/session/remote/relay/caller.ts'
import {
  doubtsOf,
  effectsOf,
  needsAnswer,
  type Exchange,
} from '../../../../src/session/remote/relay/effects.ts'
import { collect, type Concerned } from '../../../../src/session/remote/relay/events.ts'

function post(path: string, body: object = {}, answer: object = {}): Exchange {
  return { method: 'POST', path, body: { ...body }, answer: { ...answer } }
}

const caller = { kind: 'caller-changed' } as const

t.test('what each path changes', async (t) => {
  const table: readonly [Exchange, readonly object[]][] = [
    [post('/sign-out'), [{ kind: 'own-session-ended' }]],
    [post('/admin/stop-impersonating'), [{ kind: 'own-session-ended' }]],
    [
      post('/revoke-session', { token: 't' }),
      [{ kind: 'session-ended', token: 't', ofCaller: true }],
    ],
    [
      post('/multi-session/revoke', { sessionToken: 't' }),
      [{ kind: 'session-ended', token: 't', ofCaller: false }],
    ],
    [
      post('/admin/revoke-user-session', { sessionToken: 't' }),
      [{ kind: 'session-ended', token: 't', ofCaller: false }],
    ],
    [post('/revoke-other-sessions'), [caller]],
    [post('/revoke-sessions'), [{ kind: 'caller-revoked' }]],
    [post('/change-password', {}), [caller]],
    [post('/change-password', { revokeOtherSessions: true }), [{ kind: 'caller-revoked' }]],
    [post('/reset-password', { token: 't' }), [{ kind: 'everything-changed' }]],
    [post('/email-otp/reset-password'), [{ kind: 'everything-changed' }]],
    [post('/phone-number/reset-password'), [{ kind: 'everything-changed' }]],
    [post('/delete-user'), [caller]],
    [post('/update-user', { userId: 'u2' }), [caller]],
    [post('/change-email'), [caller]],
    [post('/two-factor/disable'), [caller]],
    [post('/a-plugin/of-their-own'), [caller]],
    [post('/constructor'), [caller]],
    [post('/admin/ban-user', { userId: 'u2' }), [{ kind: 'user-revoked', userId: 'u2' }]],
    [
      post('/admin/revoke-user-sessions', { userId: 'u2' }),
      [{ kind: 'user-revoked', userId: 'u2' }],
    ],
    [post('/admin/set-user-password', { userId: 'u2' }), [{ kind: 'user-revoked', userId: 'u2' }]],
    [post('/admin/remove-user', { userId: 'u2' }), [{ kind: 'user-deleted', userId: 'u2' }]],
    [post('/admin/set-role', { userId: 'u2' }), [caller, { kind: 'user-changed', userId: 'u2' }]],
    [
      post('/admin/update-user', { userId: 'u2' }),
      [caller, { kind: 'user-changed', userId: 'u2' }],
    ],
    [
      post('/organization/update-member-role', { memberId: 'm' }, { userId: 'u2' }),
      [caller, { kind: 'user-changed', userId: 'u2' }],
    ],
    [
      post('/organization/remove-member', {}, { member: { userId: 'u2' } }),
      [caller, { kind: 'user-changed', userId: 'u2' }],
    ],
    [post('/organization/remove-member'), [caller]],
    [post('/organization/set-active'), [caller]],
    [{ ...post('/verify-email'), method: 'GET' }, [caller]],
    [{ ...post('/delete-user/callback'), method: 'GET' }, [caller]],
  ]
  for (const [exchange, effects] of table) {
    t.strictSame(effectsOf(exchange), effects, `${exchange.method} ${exchange.path}`)
  }
})

t.test('what only reads, or signs in, changes nothing', async (t) => {
  for (const path of [
    '/get-session',
    '/sign-in/email',
    '/sign-in/social',
    '/sign-up/email',
    '/request-password-reset',
    '/send-verification-email',
    '/is-username-available',
    '/admin/has-permission',
    '/organization/has-permission',
  ]) {
    t.strictSame(effectsOf(post(path)), [], path)
  }
  for (const path of ['/get-session', '/sign-out', '/list-sessions', '/callback/github']) {
    t.strictSame(effectsOf({ ...post(path), method: 'GET' }), [], `GET ${path}`)
  }
})

t.test('values that are no texts name nobody', async (t) => {
  t.strictSame(effectsOf(post('/revoke-session', { token: ['t'] })), [])
  t.strictSame(effectsOf(post('/admin/ban-user', { userId: 1 })), [])
})

t.test('only memberships need the answer to be read', async (t) => {
  t.ok(needsAnswer('/organization/remove-member'))
  t.ok(needsAnswer('/organization/update-member-role'))
  t.notOk(needsAnswer('/organization/delete'))
  t.notOk(needsAnswer('/sign-out'))
})

t.test(
  'where nobody knows whether it was done, everything is asked anew and nobody is signed out',
  async (t) => {
    const table: readonly [Exchange, readonly object[]][] = [
      [post('/sign-out'), [caller]],
      [post('/revoke-sessions'), [caller]],
      [post('/revoke-session', { token: 't' }), [caller]],
      [post('/admin/revoke-user-session', { sessionToken: 't' }), [{ kind: 'everything-changed' }]],
      [post('/admin/remove-user', { userId: 'u2' }), [{ kind: 'user-changed', userId: 'u2' }]],
      [post('/admin/ban-user', { userId: 'u2' }), [{ kind: 'user-changed', userId: 'u2' }]],
      [post('/reset-password'), [{ kind: 'everything-changed' }]],
      [post('/sign-in/email'), []],
    ]
    for (const [exchange, doubts] of table) t.strictSame(doubtsOf(exchange), doubts, exchange.path)
  },
)

const ada: Identified = { sessionId: 's1', userId: 'u1', token: 'token-1' }
const there: Identified = { sessionId: 's2', userId: 'u1', token: 'token-2' }
const bob: Identified = { sessionId: 's3', userId: 'u2', token: 'token-3' }
const context = { digest: (text: string) => `digest of ${text}`, nowMs: 5000 }

function eventsOf(exchange: Exchange, concerned: Partial<Concerned>) {
  const whole = { caller: null, named: null, others: [], ...concerned }
  return collect(effectsOf(exchange), whole, context)
}

const ended = ({ sessionId, userId, token }: Identified) => ({
  kind: 'session-revoked',
  sessionId,
  userId,
  tokenDigest: `digest of ${token}`,
})

t.test(
  'a sign-out ends the session that asked, and the other accounts of its browser',
  async (t) => {
    t.strictSame(eventsOf(post('/sign-out'), { caller: ada }), [ended(ada)])
    t.strictSame(eventsOf(post('/sign-out'), { caller: ada, others: [bob] }), [
      ended(ada),
      ended(bob),
    ])
    t.strictSame(eventsOf(post('/sign-out'), {}), [], 'of nobody')
  },
)

t.test('who revokes a session of somebody else has revoked nothing', async (t) => {
  const exchange = post('/revoke-session', { token: 't' })
  const changed = { kind: 'user-changed', userId: 'u1' }
  t.strictSame(eventsOf(exchange, { caller: ada, named: there }), [changed, ended(there)])
  t.strictSame(eventsOf(exchange, { caller: ada, named: bob }), [changed])
  t.strictSame(eventsOf(exchange, { caller: ada }), [changed])
  t.strictSame(eventsOf(exchange, { named: bob }), [])
})

t.test(
  'an administrator may, and where it is not known whose it was all is forgotten',
  async (t) => {
    const exchange = post('/admin/revoke-user-session', { sessionToken: 't' })
    t.strictSame(eventsOf(exchange, { caller: ada, named: bob }), [ended(bob)])
    t.strictSame(eventsOf(exchange, { caller: ada }), [{ kind: 'everything-changed' }])
  },
)

t.test('what was issued before a revocation is marked with its time', async (t) => {
  t.strictSame(eventsOf(post('/revoke-sessions'), { caller: ada }), [
    { kind: 'user-revoked', userId: 'u1', beforeMs: 5000 },
  ])
  t.strictSame(eventsOf(post('/admin/ban-user', { userId: 'u2' }), { caller: ada }), [
    { kind: 'user-revoked', userId: 'u2', beforeMs: 5000 },
  ])
})

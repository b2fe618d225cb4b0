import t from 'tap'
import { absent, authenticated, rejected, type Outcome } from '../../src/authn/outcome.ts'
import { authorize } from '../../src/authz/access.ts'
import { refuse } from '../../src/errors/refusal.ts'

const bearer = authenticated({
  kind: 'bearer',
  userId: 'script-7',
  expiresAt: 1,
  passesOn: true,
  roles: [],
  scopes: [],
  user: null,
})

t.test('nobody may pass where somebody is required, and is anonymous where not', async (t) => {
  t.match(authorize('required', absent), { code: 'credential_missing' })
  t.equal(authorize('optional', absent), null)
  t.match(authorize('required', bearer), { userId: 'script-7' })
  t.match(authorize('optional', bearer), { userId: 'script-7' })
})

t.test('on optional only the cookie of a session that has ended is nobody', async (t) => {
  const cases: readonly (readonly [Outcome, string | null])[] = [
    [rejected(refuse('session_expired', { clearCookies: true })), null],
    [rejected(refuse('session_revoked', { clearCookies: true })), null],
    [rejected(refuse('session_expired', { tokenPresented: true })), 'session_expired'],
    [rejected(refuse('session_revoked', { tokenPresented: true })), 'session_revoked'],
    [rejected(refuse('session_invalid', { clearCookies: true })), 'session_invalid'],
    [rejected(refuse('token_invalid', { tokenPresented: true })), 'token_invalid'],
    [rejected(refuse('token_expired', { tokenPresented: true })), 'token_expired'],
    [rejected(refuse('token_not_accepted')), 'token_not_accepted'],
    [rejected(refuse('session_store_unavailable')), 'session_store_unavailable'],
  ]
  for (const [outcome, code] of cases) {
    const optional = authorize('optional', outcome)
    if (code === null) t.equal(optional, null)
    else t.match(optional, { code })
    t.match(authorize('required', outcome), { refused: true })
  }
})

import t from 'tap'
import { createAsserter } from '../../src/assertion/assert.ts'
import type { Session } from '../../src/authn/principal.ts'
import type { IdentityConfig } from '../../src/config/types.ts'

const user = {
  id: 'user-1',
  email: 'ada@example.com',
  emailVerified: true,
  name: 'Ada',
  image: null,
  role: 'admin',
  banned: false,
}

function sessionOf(more: Partial<typeof user> = {}): Session {
  return {
    id: 'session-1',
    expiresAtMs: 1e12,
    refreshAtMs: Infinity,
    createdAtMs: 0,
    impersonatedBy: null,
    organization: null,
    user: { ...user, ...more },
  }
}

const identity: IdentityConfig = {
  headers: [
    { name: 'X-User-Id', source: 'user.id' },
    { name: 'X-User-Email', source: 'user.email' },
    { name: 'X-User-Name', source: 'user.name' },
    { name: 'X-User-Image', source: 'user.image' },
    { name: 'X-Role', source: 'user.role' },
    { name: 'X-Also-Id', source: 'user.id' },
  ],
  token: null,
}

function headersFor(session: Session): readonly string[] {
  const assert = createAsserter({ identity, sign: () => 'signature', clockSkew: 30 })
  return assert({ kind: 'session', via: 'cookie', userId: session.user.id, session }, 0).headers
}

t.test('the configured headers are written once each, in lower case', async (t) => {
  t.same(headersFor(sessionOf()), [
    'x-user-id',
    'user-1',
    'x-user-email',
    'ada@example.com',
    'x-user-name',
    'Ada',
    'x-role',
    'admin',
    'x-also-id',
    'user-1',
  ])
})

t.test('an e-mail address that nobody verified is not told', async (t) => {
  t.notOk(headersFor(sessionOf({ emailVerified: false })).includes('x-user-email'))
})

t.test('a value that cannot stand in a header is left out, never mangled', async (t) => {
  for (const name of ['Zoë', 'a\r\nX-Role: admin', '\u0000', 'tab\there']) {
    t.notOk(headersFor(sessionOf({ name })).includes('x-user-name'), JSON.stringify(name))
  }
})

t.test('a foreign bearer has an id and nothing else, and keeps its own token', async (t) => {
  const assert = createAsserter({ identity, sign: () => 'signature', clockSkew: 30 })
  t.same(
    assert(
      {
        kind: 'bearer',
        userId: 'script-7',
        expiresAt: 1,
        passesOn: true,
        roles: [],
        scopes: [],
        user: null,
      },
      0,
    ),
    {
      headers: ['x-user-id', 'script-7', 'x-also-id', 'script-7'],
      keepAuthorization: true,
    },
  )
})

import t from 'tap'
import type { Session } from '../../src/authn/principal.ts'
import type { IdentityConfig } from '../../src/config/types.ts'
import { asserterOf, assertionOf, principalOf, sessionOf } from './made-up.ts'

const headers: IdentityConfig['headers'] = [
  { name: 'X-User-Id', source: 'user.id' },
  { name: 'X-User-Email', source: 'user.email' },
  { name: 'X-User-Name', source: 'user.name' },
  { name: 'X-User-Image', source: 'user.image' },
  { name: 'X-Role', source: 'user.role' },
  { name: 'X-Also-Id', source: 'user.id' },
  { name: 'X-Old-Id', source: 'user.externalId' },
  { name: 'X-Tenant', source: 'user.tenant' },
]

function headersFor(session: Session): readonly string[] {
  return assertionOf(asserterOf({ headers })(principalOf(session), 0)).headers
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
    'x-old-id',
    '17',
    'x-tenant',
    'acme',
  ])
})

t.test('an e-mail address that nobody verified is not told', async (t) => {
  t.notOk(headersFor(sessionOf({ emailVerified: false })).includes('x-user-email'))
})

t.test('a field that a user lacks, or that every object has, is not told', async (t) => {
  const names = ['tenant', 'constructor', 'toString', '__proto__'].map((field) => ({
    name: `X-${field}`,
    source: `user.${field}` as const,
  }))
  const assert = asserterOf({ headers: names })
  const { headers } = assertionOf(assert(principalOf(sessionOf({ fields: {} })), 0))
  t.same(headers, ['x-user-id', 'user-1'])
})

t.test('a value that cannot stand in a header is left out, never mangled', async (t) => {
  for (const name of ['Zoë', 'a\r\nX-Role: admin', '\u0000', 'tab\there']) {
    t.notOk(headersFor(sessionOf({ name })).includes('x-user-name'), JSON.stringify(name))
  }
})

t.test('a foreign bearer has an id and nothing else, and keeps its own token', async (t) => {
  const assertion = asserterOf({ headers })(
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
  )
  t.same(assertion, {
    headers: ['x-user-id', 'script-7', 'x-also-id', 'script-7'],
    keepAuthorization: true,
  })
})

import t from 'tap'
import { authorize } from '../../../src/authz/access.ts'
import type { User } from '../../../src/authn/principal.ts'
import type { Users } from '../../../src/authn/users.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import { codeOf, deps, read, session } from '../reading.ts'
import { createSigner, depsWith } from './issuing.ts'

function users(known: readonly User[], more: Partial<Users> = {}): Users {
  const find = (id: string): Promise<User | null> =>
    Promise.resolve(known.find((user) => user.id === id) ?? null)
  return { peek: () => undefined, find, ...more }
}

t.test('a foreign token must name an existing user, who is then known', async (t) => {
  const given = deps({ users: users([session.user]) })
  t.match(await read(mint(goodClaims()), given), {
    principal: { kind: 'bearer', userId: 'user-1', passesOn: true, user: session.user },
  })
  t.equal(await codeOf(mint(goodClaims({ sub: 'user-2' })), given), 'token_invalid')
  t.match(
    await read(mint(goodClaims()), deps()),
    { principal: { user: null } },
    'where nobody asks',
  )
})

t.test('so must a token of another issuer', async (t) => {
  const signer = await createSigner()
  const given = { ...depsWith([signer]), users: users([session.user]) }
  t.match(await read(await signer.sign(), given), { principal: { user: session.user } })
  t.equal(await codeOf(await signer.sign({ claims: { sub: 'user-2' } }), given), 'token_invalid')
})

t.test('a user who is banned may not come in', async (t) => {
  const banned = { ...session.user, banned: true }
  for (const known of [users([banned]), users([], { peek: () => banned })]) {
    const outcome = await read(mint(goodClaims()), deps({ users: known }))
    t.match(authorize('required', outcome), { code: 'user_banned' })
    t.match(authorize('optional', outcome), { code: 'user_banned' })
  }
})

t.test('what is remembered is not asked for, and an outage is 503', async (t) => {
  const away = users([], { find: () => Promise.reject(new Error('away')) })
  t.equal(await codeOf(mint(goodClaims()), deps({ users: away })), 'session_store_unavailable')
  const remembered = { ...away, peek: () => session.user }
  t.equal(await codeOf(mint(goodClaims()), deps({ users: remembered })), 'authenticated')
  const gone = { ...away, peek: () => null }
  t.equal(await codeOf(mint(goodClaims()), deps({ users: gone })), 'token_invalid')
})

t.test('a revocation mark ends tokens that nobody can be asked about', async (t) => {
  const signer = await createSigner()
  const asked: unknown[] = []
  const isRevoked = (claims: { readonly userId: string }): boolean => {
    asked.push(claims)
    return claims.userId === 'user-1'
  }
  const given = { ...depsWith([signer]), isRevoked }
  t.equal(await codeOf(mint(goodClaims()), given), 'session_revoked')
  t.equal(await codeOf(await signer.sign({ claims: { sid: 's1' } }), given), 'session_revoked')
  t.match(asked, [
    { userId: 'user-1', issuedAt: null, sessionId: null },
    { userId: 'user-1', issuedAt: Number, sessionId: 's1' },
  ])
  t.equal(await codeOf(mint(goodClaims({ sub: 'user-2' })), given), 'authenticated')
})

t.test('roles and scopes of a foreign token count where they are configured', async (t) => {
  const token = mint(goodClaims({ groups: ['admin'], scope: 'todos:read' }))
  t.match(await read(token, deps({}, { rolesClaim: 'groups', scopesClaim: 'scope' })), {
    principal: { roles: ['admin'], scopes: ['todos:read'] },
  })
  t.strictSame(await read(token), await read(mint(goodClaims())), 'and nowhere else')
})

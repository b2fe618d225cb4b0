import t from 'tap'
import { createEmbeddedSource } from '../../../../src/session/embedded/source.ts'

type Parts = Parameters<typeof createEmbeddedSource>

const config = {
  lifetimeMs: 10_000,
  refreshAfterMs: 1000,
  cacheMs: 30_000,
  store: 'database',
} as const
const user = { id: 'u1', email: 'a@example.com', emailVerified: true, name: 'A' }

/** A source over one row, at a time. */
function sourceOf(row: object | null, now: number) {
  const reader = { findOne: () => Promise.resolve(row) }
  const auth = {
    options: {},
    api: { getSession: () => Promise.resolve({ headers: new Headers(), response: null }) },
  }
  return createEmbeddedSource(auth as unknown as Parts[0], reader as Parts[1], config, () => now)
}

t.test('a row whose time has run out is no session, even before anybody removes it', async (t) => {
  const row = { id: 's1', userId: 'u1', expiresAt: new Date(50_000), user }
  t.match(await sourceOf(row, 49_999).findByToken('t'), { id: 's1', expiresAtMs: 50_000 })
  t.equal(await sourceOf(row, 50_000).findByToken('t'), null)
  t.equal(await sourceOf(row, 50_000).findById('s1'), null)
})

t.test('a session whose user is gone is none', async (t) => {
  const row = { id: 's1', userId: 'u1', expiresAt: new Date(50_000), user: null }
  t.equal(await sourceOf(row, 0).findByToken('t'), null)
  t.equal(await sourceOf(null, 0).findById('s1'), null)
})

t.test('a ban counts until it has run out', async (t) => {
  const row = (ban: object): object => ({
    id: 's1',
    userId: 'u1',
    expiresAt: new Date(50_000),
    user: { ...user, banned: true, ...ban },
  })
  const banned = async (ban: object): Promise<boolean | undefined> =>
    (await sourceOf(row(ban), 10_000).findById('s1'))?.user.banned
  t.equal(await banned({}), true)
  t.equal(await banned({ banExpires: null }), true)
  t.equal(await banned({ banExpires: new Date(10_001) }), true)
  t.equal(await banned({ banExpires: new Date(10_000) }), false)
})

t.test(
  'the active organisation is one that the user is still in, with the role of now',
  async (t) => {
    const row = {
      ...{ id: 's1', userId: 'u1', expiresAt: new Date(50_000), user },
      activeOrganizationId: 'o1',
    }
    const organization = async (
      plugins: readonly object[],
      member: object | null,
      more: object = {},
    ): Promise<unknown> => {
      const findOne = ({ model, where }: { model: string; where: unknown }): Promise<unknown> => {
        if (model === 'session') return Promise.resolve({ ...row, ...more })
        t.match(where, [
          { field: 'organizationId', value: 'o1' },
          { field: 'userId', value: 'u1' },
        ])
        return Promise.resolve(member)
      }
      const parts = [{ options: { plugins } }, { findOne }] as unknown as [Parts[0], Parts[1]]
      return (await createEmbeddedSource(...parts, config, () => 0).findById('s1'))?.organization
    }
    const installed = [{ id: 'organization' }]
    t.strictSame(await organization(installed, { role: 'owner' }), { id: 'o1', role: 'owner' })
    t.equal(await organization(installed, null), null)
    t.equal(await organization(installed, { role: 'owner' }, { activeOrganizationId: null }), null)
    t.equal(await organization([], { role: 'owner' }), null, 'without the plugin there is no table')
  },
)

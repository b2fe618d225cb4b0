import t from 'tap'
import { chooseColumns } from '../../../src/users/columns.ts'
import { planUser, type Rules } from '../../../src/users/plan.ts'
import { readUser, type ReadUser, type SourceUser } from '../../../src/users/read.ts'

type Row = Readonly<Record<string, string | null>>

const good = { id: '7', email: 'Ada@Example.com' }

function read(row: Row, holdsUuids = false): ReadUser {
  const columns = Object.keys(row).map((name) => ({ name, holdsUuids }))
  const { mapping } = chooseColumns(columns, { map: new Map(), preset: null })
  return readUser(
    mapping,
    [...mapping.values()].map(({ name }) => row[name] ?? null),
  )
}

function userOf(row: Row): SourceUser {
  const user = read(row)
  if ('reason' in user) throw new Error(user.reason)
  return user
}

t.test('a row becomes a user, with what nobody knows left open', async (t) => {
  t.strictSame(userOf(good), {
    id: '7',
    email: 'ada@example.com',
    name: '',
    role: null,
    image: null,
    passwordHash: null,
    createdAt: null,
    isTimeUnclear: false,
    emailVerified: false,
    isSuperuser: false,
    isActive: true,
  })
})

t.test('a row that cannot become one says why, without what it holds', async (t) => {
  const cases: readonly [Row, RegExp][] = [
    [{ ...good, id: null }, /has no id/],
    [{ ...good, id: 'a b' }, /visible ASCII/],
    [{ ...good, id: 'ü' }, /visible ASCII/],
    [{ ...good, id: 'x'.repeat(129) }, /visible ASCII/],
    [{ ...good, email: null }, /no e-mail/],
    [{ ...good, email: 'ada' }, /none that Better Auth lets sign in/],
    [{ ...good, email: ' ada@example.com' }, /none that Better Auth lets sign in/],
    [{ ...good, email: 'ada@example.com\n' }, /none that Better Auth lets sign in/],
    [{ ...good, name: 'A\0B' }, /NUL/],
    [{ ...good, is_active: 'maybe' }, /active says neither/],
    [{ ...good, is_superuser: '2' }, /superuser says neither/],
    [{ ...good, is_verified: 'x' }, /emailVerified says neither/],
  ]
  for (const [row, reason] of cases) {
    const found = read(row)
    t.match(found, { reason }, JSON.stringify(row))
    t.notMatch('reason' in found ? found.reason : '', /ada|maybe/)
  }
  t.equal(userOf({ ...good, id: 'x'.repeat(128) }).id.length, 128)
})

t.test(
  'yes and no are read in every common spelling, and nothing is no, as in Python',
  async (t) => {
    for (const yes of ['t', 'true', 'True', 'TRUE', '1', 'yes', 'Y', 'on']) {
      t.equal(userOf({ ...good, is_active: yes }).isActive, true, yes)
      t.equal(userOf({ ...good, disabled: yes }).isActive, false, yes)
    }
    for (const no of ['f', 'false', 'False', '0', 'no', 'N', 'off', null]) {
      t.equal(userOf({ ...good, is_active: no }).isActive, false, String(no))
      t.equal(userOf({ ...good, disabled: no }).isActive, true, String(no))
      t.equal(userOf({ ...good, is_superuser: no }).isSuperuser, false, String(no))
    }
    t.equal(userOf({ ...good, is_active: 't', disabled: 't' }).isActive, false)
    t.equal(userOf({ ...good, disabled: '2024-05-06 07:08:09' }).isActive, false, 'since when')
  },
)

t.test(
  'times are read in the spellings of PostgreSQL, SQLite and Python; without a zone they are UTC',
  async (t) => {
    const cases: Readonly<Record<string, string | null>> = {
      '2026-11-25 15:37:09.666808': '2026-11-25T15:37:09.666Z',
      '2026-11-25 15:37:09.5+00': '2026-11-25T15:37:09.500Z',
      '2026-11-25T15:37:09Z': '2026-11-25T15:37:09.000Z',
      '2026-11-25 15:37:09+05:30': '2026-11-25T10:07:09.000Z',
      '2026-11-25T15:37:09-0800': '2026-11-25T23:37:09.000Z',
      '2026-11-25 15:37': '2026-11-25T15:37:00.000Z',
      '2026-11-25': '2026-11-25T00:00:00.000Z',
      '2026-13-25': null,
      yesterday: null,
      '1764084000': '2025-11-25T15:20:00.000Z',
      '1764084000123': '2025-11-25T15:20:00.123Z',
      '12': null,
    }
    for (const [text, expected] of Object.entries(cases)) {
      const user = userOf({ ...good, created_at: text })
      const { createdAt, isTimeUnclear } = user
      t.equal(isTimeUnclear, expected === null)
      t.match(planUser(user, rules), { incomplete: expected === null ? /cannot be read/ : null })
      t.equal(createdAt?.toISOString() ?? null, expected, text)
    }
  },
)

t.test(
  'UUIDs that are stored without hyphens are written as their application writes them',
  async (t) => {
    const row = { ...good, id: 'F30D58838CE140C0987837C3D2653980' }
    t.match(read(row, true), { id: 'f30d5883-8ce1-40c0-9878-37c3d2653980' })
    t.match(read(row, false), { id: row.id })
    t.match(read({ ...good, id: '7' }, true), { id: '7' })
  },
)

const rules: Rules = {
  ids: 'keep',
  includeInactive: false,
  hasOnlyUuids: false,
  traits: { table: 'user', admin: null, hasRole: false, hasExternalId: true, waysIn: [] },
}
const withAdmin: Rules = {
  ...rules,
  traits: { ...rules.traits, hasRole: true, admin: { superuser: 'root', other: 'member' } },
}
const hash = `$2b$12$${'a'.repeat(53)}`

t.test('who is not active is banned, or left out, or comes without a password', async (t) => {
  const source = userOf({ ...good, is_active: 'f', password: hash })
  t.match(planUser(source, rules), /not active/)
  t.match(planUser(source, { ...rules, includeInactive: true }), {
    passwordHash: null,
    isBanned: false,
    incomplete: /without a password/,
  })
  for (const includeInactive of [true, false]) {
    const planned = planUser(source, { ...withAdmin, includeInactive })
    t.match(planned, { isBanned: true, passwordHash: hash, incomplete: null })
  }
  t.match(planUser(userOf({ ...good, password: hash }), withAdmin), { isBanned: false })
})

t.test('roles are those of the plugin, unless a column has them', async (t) => {
  const superuser = userOf({ ...good, is_superuser: 't' })
  t.match(planUser(superuser, withAdmin), { role: 'root' })
  t.match(planUser(userOf(good), withAdmin), { role: 'member' })
  t.match(planUser(superuser, rules), { role: null })
  t.match(planUser({ ...superuser, role: 'editor' }, withAdmin), { role: 'editor' })
})

t.test('a hash that is never verified is not stored', async (t) => {
  const plan = (password: string | null): unknown => planUser(userOf({ ...good, password }), rules)
  t.match(plan(hash), { passwordHash: hash, incomplete: null })
  t.match(plan(null), { passwordHash: null, incomplete: null })
  t.match(plan('hunter2'), { passwordHash: null, incomplete: /no known kind/ })
  t.match(plan(hash.replace('12', '20')), { passwordHash: null, incomplete: /more work/ })
})

t.test('where ids are UUIDs, one that would not be kept as it is is refused', async (t) => {
  const uuid = 'f30d5883-8ce1-40c0-9878-37c3d2653980'
  const only = { ...rules, hasOnlyUuids: true }
  t.match(planUser(userOf({ ...good, id: uuid }), only), { source: { id: uuid } })
  for (const id of ['7', uuid.toUpperCase(), uuid.replaceAll('-', ''), `{${uuid}}`]) {
    t.match(planUser(userOf({ ...good, id }), only), /no UUID in lower case/)
    t.match(planUser(userOf({ ...good, id }), { ...only, ids: 'external' }), { source: { id } })
    t.match(planUser(userOf({ ...good, id }), rules), { source: { id } })
  }
})

import t from 'tap'
import { planMove, type TargetTable } from '../../src/session/embedded/move/plan.ts'
import type { MoveSource } from '../../src/session/embedded/move/source.ts'
import { toPostgres, type SqliteValue } from '../../src/session/embedded/move/values.ts'

t.test('a value of SQLite is the same value in PostgreSQL', async (t) => {
  const cases: readonly (readonly [SqliteValue, string, unknown])[] = [
    [null, 'timestamptz', null],
    ['2026-12-01T00:00:00.123Z', 'timestamptz', '2026-12-01T00:00:00.123Z'],
    ['2026-12-01T01:00:00+01:00', 'timestamptz', '2026-12-01T00:00:00.000Z'],
    ['2026-12-01 00:00:00', 'timestamptz', '2026-12-01T00:00:00.000Z'],
    ['2026-12-01 00:00:00.5', 'timestamptz', '2026-12-01T00:00:00.500Z'],
    [1_796_083_200_000n, 'timestamptz', '2026-12-01T00:00:00.000Z'],
    [1_796_083_200_000, 'timestamp', new Date('2026-12-01T00:00:00Z')],
    [1n, 'bool', true],
    [0n, 'bool', false],
    ['true', 'bool', true],
    ['false', 'bool', false],
    [9_007_199_254_740_993n, 'int8', '9007199254740993'],
    [1.5, 'float8', '1.5'],
    ['{"a":[1,null]}', 'jsonb', '{"a":[1,null]}'],
    ['', 'text', ''],
    [Uint8Array.of(0, 255), 'bytea', Buffer.from([0, 255])],
  ]
  for (const [value, type, wanted] of cases) {
    t.strictSame(toPostgres(value, type), wanted, `${String(value)} ${type}`)
  }
})

t.test('what is no such value is refused without being repeated', async (t) => {
  const wrong: readonly (readonly [SqliteValue, string])[] = [
    ['MARKER', 'timestamptz'],
    ['MARKER', 'bool'],
    [2n, 'bool'],
    [Buffer.from('MARKER'), 'text'],
  ]
  for (const [value, type] of wrong) {
    const { message } = t.throws(() => toPostgres(value, type), TypeError) as Error
    t.notMatch(message, 'MARKER', type)
  }
})

function table(name: string, after: readonly string[] = []): TargetTable {
  return { name, after, columns: [{ name: 'id', type: 'text' }] }
}

function sourceOf(rows: Readonly<Record<string, Readonly<Record<string, number>>>>): MoveSource {
  return {
    ...{ file: 'f', tables: Object.keys(rows), keptLines: () => [], close: () => undefined },
    columns: (name) => Object.keys(rows[name] ?? {}),
    count: (name) => Math.max(0, ...Object.values(rows[name] ?? {})),
    filled: (name, column) => rows[name]?.[column] ?? 0,
    rows: () => [].values(),
  }
}

t.test('no table comes before one that it refers to; a circle is left to PostgreSQL', async (t) => {
  const order = (...targets: readonly TargetTable[]): readonly string[] => {
    const source = sourceOf(Object.fromEntries(targets.map(({ name }) => [name, { id: 1 }])))
    return planMove(source, targets, []).map(({ name }) => name)
  }
  t.strictSame(
    order(
      table('member', ['user', 'team']),
      table('team', ['team', 'org']),
      table('org'),
      table('user'),
    ),
    ['org', 'user', 'team', 'member'],
  )
  t.strictSame(order(table('a', ['b']), table('b', ['a']), table('c')), ['c', 'a', 'b'])
})

t.test('what is empty may have no place, and what is ours needs none', async (t) => {
  const source = sourceOf({
    user: { id: 3, nickname: 0 },
    passkey: { id: 0 },
    sallyport_ticket: { id: 2 },
  })
  t.match(planMove(source, [table('user'), table('newer')], []), [{ name: 'user', rows: 3 }])
  const full = sourceOf({ user: { id: 3, nickname: 1 }, passkey: { id: 2 } })
  t.throws(
    () => planMove(full, [table('user')], []),
    /passkey, user\.nickname|user\.nickname, passkey/,
  )
  t.throws(() => planMove(full, [table('user')], ['passkey']), /nothing of user\.nickname, and/)
  const left = planMove(full, [table('user')], ['passkey', 'user.nickname'])
  t.strictSame(
    left.map(({ name }) => name),
    ['user'],
  )
})

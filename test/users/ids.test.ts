import { randomUUID } from 'node:crypto'
import t from 'tap'
import { startPostgres } from '../helper/servers/postgres.ts'
import { call, sql } from '../session/calls.ts'
import { hashesOf, oldHash, oldPassword, startMoving } from './moved.ts'

const csv = (...rows: readonly string[]): string =>
  ['id,email,hashed_password,is_active', ...rows, ''].join('\n')
const uuid = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/

t.test('ids of every kind are kept, byte for byte', async (t) => {
  const ids = [
    '1',
    '9007199254740993',
    'F30D5883-8CE1-40C0-9878-37C3D2653980',
    // UUIDs of version 7, and of none.
    '01890a5d-ac96-774b-bcce-b302099a8057',
    '00000000-0000-0000-0000-000000000000',
    'auth0|5f7c',
    'x'.repeat(128),
  ]
  const rows = ids.map((id, at) => `${id},u${at}@example.com,${oldHash},t`)
  const { gateway, importUsers, signIn } = await startMoving(t, {
    files: { 'u.csv': csv(...rows) },
  })
  t.match(await importUsers('--from', 'u.csv'), { code: 0, out: /7 imported/ })
  t.strictSame(Object.keys(hashesOf(gateway)).sort(), [...ids].sort())
  for (const [at, id] of ids.entries()) {
    t.equal(await signIn(`u${at}@example.com`, oldPassword), id)
  }
  t.match(await importUsers('--from', 'u.csv'), { code: 0, out: /7 unchanged/ })
  t.strictSame(
    sql(gateway, 'SELECT id FROM user WHERE externalId IS NOT id'),
    [],
    'also where FastAPI knows users by externalId',
  )
})

t.test(
  'with new ids the old ones are in externalId, by which FastAPI can know its users',
  async (t) => {
    const { gateway, importUsers, signIn } = await startMoving(t, {
      yaml: 'identity: { token: { subject: user.externalId } }',
      files: { 'u.csv': csv(`7,ada@example.com,${oldHash},t`, `8,bob@example.com,${oldHash},t`) },
    })
    const from = ['--from', 'u.csv', '--ids', 'external'] as const
    t.match(await importUsers(...from), { code: 0, out: /2 imported/ })
    const users = sql(gateway, 'SELECT id, externalId FROM user ORDER BY externalId')
    t.match(users, [
      { id: uuid, externalId: '7' },
      { id: uuid, externalId: '8' },
    ])
    t.equal(await signIn('ada@example.com', oldPassword), users[0]?.['id'])
    t.match(await importUsers(...from), { code: 0, out: /2 unchanged/ })
    t.match(await importUsers('--from', 'u.csv'), {
      code: 1,
      out: /row 2 \(id 7\): conflict: somebody else has its e-mail address here[^]*2 in conflict/,
    })
  },
)

t.test('PostgreSQL keeps UUIDs, and gives new ids to what is none', async (t) => {
  const postgres = await startPostgres(t)
  if (postgres === null) return
  const id = randomUUID()
  const { importUsers, signIn } = await startMoving(t, {
    database: postgres.url,
    files: { 'u.csv': csv(`${id},ada@example.com,${oldHash},t`, `7,bob@example.com,${oldHash},t`) },
  })
  t.match(await importUsers('--from', 'u.csv'), {
    code: 1,
    out: /row 3 \(id 7\): skipped: its id is no UUID[^]*2 rows: 1 imported/,
  })
  t.equal(await signIn('ada@example.com', oldPassword), id)
  t.match(await importUsers('--from', 'u.csv', '--ids', 'external'), {
    code: 0,
    out: /2 rows: 1 imported, 1 unchanged/,
  })
  t.match(await signIn('bob@example.com', oldPassword), uuid)
})

t.test('who is not active cannot sign in, whatever is asked for', async (t) => {
  const { gateway, importUsers, signIn } = await startMoving(t, {
    files: { 'u.csv': csv(`7,ada@example.com,${oldHash},f`, `8,bob@example.com,${oldHash},`) },
  })
  t.match(await importUsers('--from', 'u.csv'), { code: 1, out: /2 rows: 0 imported.* 2 skipped/ })
  t.strictSame(sql(gateway, 'SELECT id FROM user'), [])
  const inactive = ['--from', 'u.csv', '--include-inactive'] as const
  t.match(await importUsers(...inactive), {
    code: 1,
    out: /row 2 \(id 7\): incomplete: is not active, and comes without a password/,
  })
  t.strictSame(hashesOf(gateway), {})
  t.equal(await signIn('ada@example.com', oldPassword), null)
  t.match(await importUsers(...inactive), { code: 0, out: /2 unchanged/ })
  const body = { name: 'Ada', email: 'ada@example.com', password: oldPassword }
  t.equal((await call(gateway, '/sign-up/email', { body })).status, 422, 'nor take the address')
})

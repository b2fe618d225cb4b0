import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startPostgres } from '../../helper/servers/postgres.ts'
import { hashesOf, scrypt, startMoving, type Moving } from '../moved.ts'
import { forPython, makeTable, type Account, type Made } from './tables.ts'

const accounts: readonly Account[] = [
  { email: 'Ada@Example.com', password: 'correct horse', way: 'argon2', name: 'Ada "L", Löve' },
  { email: 'bob@example.com', password: 'pässwörd 🔋', way: 'bcrypt' },
  {
    email: 'cyd@example.com',
    password: 'horse '.repeat(12),
    way: 'passlib bcrypt',
    superuser: true,
  },
  { email: 'dan@example.com', password: 'e\u0301te\u0301', way: 'passlib argon2' },
  { email: 'eve@example.com', password: 'not any more', way: 'argon2', active: false },
]
const active = accounts.filter(({ active = true }) => active)

/** Everybody who was active gets in with the password of old, and only with that, under the id of old. */
async function signEverybodyIn(t: Test, moving: Moving, made: readonly Made[]): Promise<void> {
  for (const { email, password } of active) {
    const { id } = made.find((each) => each.email === email)!
    t.equal(await moving.signIn(email, `${password.slice(1)}x`), null, email)
    t.equal(await moving.signIn(email, password), id, email)
    t.equal(await moving.signIn(email, password), id, `${email}, once more`)
    t.equal(await moving.signIn(email, `${password.slice(1)}x`), null, email)
  }
  t.equal(await moving.signIn('eve@example.com', 'not any more'), null)
}

const inactive = /row \d \(id [\da-f-]{36}\): skipped: is not active/

t.test('the table of the FastAPI template moves in from SQLite', async (t) => {
  const moving = await startMoving(t)
  const { gateway, importUsers } = moving
  const file = join(gateway.folder, 'app.db')
  const made = await makeTable(t, 'template', accounts, { database: `sqlite:///${file}` })
  if (made === null) return
  const from = ['--from', `sqlite:///${file}`, '--preset', 'fastapi-template'] as const
  t.match(await importUsers(...from, '--dry-run'), { code: 1, out: /5 rows: 4 to import/ })
  t.strictSame(hashesOf(gateway), {})
  t.match(await importUsers(...from), { code: 1, out: inactive })
  for (const { id, email, hash } of made) {
    const expected = email === 'eve@example.com' ? undefined : hash
    t.equal(hashesOf(gateway)[id], expected, 'as it was, under the id of old')
  }
  await signEverybodyIn(t, moving, made)
  for (const hash of Object.values(hashesOf(gateway))) t.match(hash, scrypt)
  t.match(await importUsers(...from), {
    code: 1,
    out: /0 imported, 4 unchanged, 0 in conflict, 1 /,
  })
})

t.test('and as a file that Python has written', async (t) => {
  const moving = await startMoving(t)
  const { gateway, importUsers } = moving
  const [database, csv] = [join(gateway.folder, 'app.db'), join(gateway.folder, 'users.csv')]
  const made = await makeTable(t, 'template', accounts, { database: `sqlite:///${database}`, csv })
  if (made === null) return
  t.match(await importUsers('--from', csv), { code: 1, out: /5 rows: 4 imported/ })
  await signEverybodyIn(t, moving, made)
})

t.test('the same from PostgreSQL to PostgreSQL', async (t) => {
  const postgres = await startPostgres(t)
  if (postgres === null) return
  await postgres.query('CREATE DATABASE app')
  const app = postgres.url.replace(/postgres$/, 'app')
  const made = await makeTable(t, 'template', accounts, { database: forPython(app) })
  if (made === null) return
  const moving = await startMoving(t, { database: postgres.url })
  const from = ['--from', forPython(app)] as const
  t.match(await moving.importUsers(...from, '--dry-run'), { code: 1, out: /5 rows: 4 to import/ })
  t.strictSame(await postgres.query('SELECT * FROM account'), [])
  t.match(await moving.importUsers(...from), { code: 1, out: inactive })
  t.strictSame(
    await postgres.query('SELECT name FROM "user" WHERE email = $1', ['ada@example.com']),
    [{ name: 'Ada "L", Löve' }],
  )
  await signEverybodyIn(t, moving, made)
  const rows = await postgres.query<{ password: string }>('SELECT password FROM account')
  t.equal(rows.length, 4)
  for (const { password } of rows) t.match(password, scrypt)
  t.match(await moving.importUsers(...from), { code: 1, out: /0 imported, 4 unchanged/ })
})

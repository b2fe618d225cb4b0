import { join } from 'node:path'
import t from 'tap'
import { startPostgres } from '../../helper/servers/postgres.ts'
import { sql } from '../../session/calls.ts'
import { hashesOf, scrypt, startMoving } from '../moved.ts'
import { forPython, makeTable, type Account } from './tables.ts'

const accounts: readonly Account[] = [
  { email: 'ada@example.com', password: 'correct horse', way: 'argon2', verified: true },
  { email: 'bob@example.com', password: 'battery staple', way: 'argon2', superuser: true },
  { email: 'eve@example.com', password: 'not any more', way: 'argon2', active: false },
]

const withAdmin = {
  auth: 'signUp: open, module: ./auth.ts',
  files: {
    'auth.ts': `import { admin } from 'better-auth/plugins'
      export default { plugins: [admin()] }`,
  },
}

t.test('the table of fastapi-users moves in from SQLite, roles and bans included', async (t) => {
  const { gateway, importUsers, signIn } = await startMoving(t, withAdmin)
  const file = join(gateway.folder, 'app.db')
  const made = await makeTable(t, 'fastapiUsers', accounts, { database: `sqlite:///${file}` })
  if (made === null) return
  const from = ['--from', `sqlite:${file}`, '--preset', 'fastapi-users'] as const
  t.match(await importUsers(...from), { code: 0, out: /of those 3: 0 without .* 1 banned/ })
  t.match(sql(gateway, 'SELECT role, banned, emailVerified FROM user ORDER BY email'), [
    { role: 'user', banned: 0, emailVerified: 1 },
    { role: 'admin', banned: 0, emailVerified: 0 },
    { role: 'user', banned: 1, emailVerified: 0 },
  ])
  for (const [index, { email, password }] of accounts.slice(0, 2).entries()) {
    t.equal(await signIn(email, password), made[index]?.id)
    t.match(hashesOf(gateway)[made[index]?.id ?? ''], scrypt)
  }
  await t.rejects(signIn('eve@example.com', 'not any more'), { message: /answered 403.*BANNED/ })
  t.equal(hashesOf(gateway)[made[2]?.id ?? ''], made[2]?.hash)
  t.match(await importUsers(...from), { code: 0, out: /3 unchanged/ })
  await t.test('and whoever is banned no longer is a conflict', async (t) => {
    sql(gateway, 'UPDATE user SET banned = 0')
    t.match(await importUsers(...from), { code: 1, out: /conflict: it is not active any more/ })
  })
})

t.test('the same from PostgreSQL, from a schema of its own', async (t) => {
  const postgres = await startPostgres(t)
  if (postgres === null) return
  await postgres.query('CREATE SCHEMA app')
  const app = `${postgres.url}?options=-csearch_path%3Dapp`
  const made = await makeTable(t, 'fastapiUsers', accounts, { database: forPython(app) })
  if (made === null) return
  const { gateway, importUsers, signIn } = await startMoving(t, withAdmin)
  const from = ['--from', postgres.url, '--table', 'app.user'] as const
  t.match(await importUsers('--from', postgres.url), {
    code: 1,
    err: /--table: there is no user or users in .*, only app\.user$/m,
  })
  t.match(await importUsers(...from), { code: 0, out: /3 rows: 3 imported/ })
  t.equal(await signIn('ada@example.com', 'correct horse'), made[0]?.id)
  t.equal(await signIn('ada@example.com', 'correct horse'), made[0]?.id)
  t.match(hashesOf(gateway)[made[0]?.id ?? ''], scrypt)
})

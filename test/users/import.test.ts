import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { minimal, run } from '../cli/run.ts'
import { sql } from '../session/calls.ts'
import { hashesOf, oldHash, oldPassword, scrypt, startMoving } from './moved.ts'

const header = 'id,email,hashed_password,full_name,is_active'
const csv = (...rows: readonly string[]): string => [header, ...rows, ''].join('\r\n')
const otherHash = oldHash.replace('K', 'L')

t.test('a dry run says what would come of it and leaves nothing behind', async (t) => {
  const rows = [`7,Ada@Example.com,${oldHash},Ada,t`, `8,bob@example.com,unknown,,t`, '9,,,,t']
  const folder = t.testdir({ 'gateway.config.yaml': minimal, 'u.csv': csv(...rows) })
  const before = readdirSync(folder)
  const command = ['users', 'import', '--from', 'u.csv'] as const
  const { code, out } = await run(folder, [...command, '--dry-run'])
  t.equal(code, 1, 'because of two of the rows')
  t.match(out, / {2}passwordHash {3}hashed_password\n/)
  t.match(out, /\nrow 3 \(id 8\): incomplete: its password hash is of no known kind/)
  t.match(out, /\nrow 4 \(id 9\): skipped: has no e-mail address\n/)
  t.match(
    out,
    /dry run: nothing was written\n3 rows: 2 to import, 0 unchanged, 0 in conflict, 1 sk/,
  )
  t.strictSame(readdirSync(folder), before)
  const { out: json } = await run(folder, [...command, '--dry-run', '--format', 'json'])
  t.match(JSON.parse(json), {
    columns: { id: 'id', passwordHash: 'hashed_password' },
    dryRun: true,
    problems: [
      { row: 3, id: '8', kind: 'incomplete' },
      { row: 4, id: '9', kind: 'skipped' },
    ],
    counts: { read: 3, imported: 2, skipped: 1, incomplete: 1, withoutPassword: 1 },
  })
  t.match(await run(folder, command), { code: 1, out: /3 rows: 2 imported, 0 unchanged/ })
  t.match(await run(folder, [...command, '--dry-run']), {
    code: 1,
    out: /3 rows: 0 to import, 2 unchanged/,
  })
})

t.test('a user signs in with the password of old, keeps the id, and is hashed anew', async (t) => {
  const { gateway, importUsers, signIn } = await startMoving(t, {
    files: { 'u.csv': `\ufeff${csv(`7,Ada@Example.com,${oldHash},"Ada, ""L""",t`)}` },
  })
  t.match(await importUsers('--from', 'u.csv'), { code: 0, out: /1 rows: 1 imported/ })
  t.strictSame(hashesOf(gateway), { 7: oldHash }, 'stored as it was')
  t.match(sql(gateway, 'SELECT name, email, emailVerified FROM user'), [
    { name: 'Ada, "L"', email: 'ada@example.com', emailVerified: 0 },
  ])
  t.equal(await signIn('ada@example.com', `${oldPassword}x`), null)
  t.strictSame(hashesOf(gateway), { 7: oldHash }, 'a wrong password changes nothing')
  t.equal(await signIn('Ada@Example.com', oldPassword), '7')
  t.match(hashesOf(gateway)['7'], scrypt)
  t.equal(await signIn('ada@example.com', oldPassword), '7')
  t.equal(await signIn('ada@example.com', 'wrong'), null)
})

t.test(
  'a second run changes nothing and says so, also when users have signed in since',
  async (t) => {
    const { gateway, importUsers, signIn } = await startMoving(t, {
      files: { 'u.csv': csv(`7,ada@example.com,${oldHash},,t`, `8,bob@example.com,${oldHash},,t`) },
    })
    await importUsers('--from', 'u.csv')
    await signIn('ada@example.com', oldPassword)
    const rows = (): unknown => [
      sql(gateway, 'SELECT * FROM user ORDER BY id'),
      sql(gateway, 'SELECT * FROM account ORDER BY userId'),
    ]
    const before = rows()
    t.match(await importUsers('--from', 'u.csv'), {
      code: 0,
      out: /2 rows: 0 imported, 2 unchanged/,
    })
    t.strictSame(rows(), before)
  },
)

t.test('a user who is there and another is a conflict, and never changed', async (t) => {
  const { gateway, importUsers } = await startMoving(t, {
    files: {
      'first.csv': csv(
        `1,a@example.com,${oldHash},A,t`,
        `2,b@example.com,${oldHash},B,t`,
        '3,c@example.com,,C,t',
        `4,d@example.com,${oldHash},D,t`,
      ),
      'second.csv': csv(
        `1,a@example.com,${otherHash},A,t`,
        `2,new@example.com,${oldHash},B,t`,
        `3,c@example.com,${oldHash},C,t`,
        `4,d@example.com,${oldHash},D,f`,
        `5,a@example.com.org,${oldHash},E,t`,
        `6,B@example.com,${oldHash},F,t`,
      ),
    },
  })
  await importUsers('--from', 'first.csv')
  const before = [sql(gateway, 'SELECT * FROM user WHERE id < 5'), hashesOf(gateway)]
  const { code, out } = await importUsers('--from', 'second.csv')
  t.equal(code, 1)
  t.match(out, /row 2 \(id 1\): conflict: it has another password here/)
  t.match(out, /row 3 \(id 2\): conflict: it has another e-mail address here/)
  t.match(out, /row 4 \(id 3\): conflict: it has no password here/)
  t.match(out, /row 5 \(id 4\): skipped: is not active/)
  t.match(out, /row 7 \(id 6\): conflict: somebody else has its e-mail address here/)
  t.match(out, /6 rows: 1 imported, 0 unchanged, 4 in conflict, 1 skipped/)
  const { 5: added, ...hashes } = hashesOf(gateway)
  t.equal(added, oldHash)
  t.strictSame([sql(gateway, 'SELECT * FROM user WHERE id < 5'), hashes], before)
})

t.test('rows that cannot be imported are listed, and everything else is imported', async (t) => {
  const { gateway, importUsers } = await startMoving(t, {
    files: {
      'u.csv': csv(
        `1,a@example.com,${oldHash},A,t`,
        `2,A@EXAMPLE.com,${oldHash},B,t`,
        `1,c@example.com,${oldHash},C,t`,
        ',d@example.com,,D,t',
        '5,,,E,t',
        '6,f@example.com,$2b$04$abc,def,F,t',
        `7,g@example.com,${oldHash},"G`,
        `",t`,
        '8,not an address,,H,t',
        '9,i@example.com,,I,perhaps',
      ),
    },
  })
  const { code, out } = await importUsers('--from', 'u.csv')
  t.equal(code, 1)
  t.match(out, /row 3 \(id 2\): skipped: its e-mail address is that of row 2\n/)
  t.match(out, /row 4 \(id 1\): skipped: its id is that of row 2\n/)
  t.match(out, /row 5: skipped: has no id\n/)
  t.match(out, /row 6 \(id 5\): skipped: has no e-mail address\n/)
  t.match(out, /row 7: skipped: has 6 fields, not 5\n/)
  t.match(out, /row 10 \(id 8\): skipped: its e-mail address is none/)
  t.match(out, /row 11 \(id 9\): skipped: its column for active says neither/)
  t.match(out, /9 rows: 2 imported, 0 unchanged, 0 in conflict, 7 skipped/)
  t.strictSame(
    sql(gateway, 'SELECT id, name FROM user ORDER BY id').map((row) => ({ ...row })),
    [
      { id: '1', name: 'A' },
      { id: '7', name: 'G\r\n' },
    ],
  )
})

t.test('a row that the database does not take keeps no other out', async (t) => {
  const rows = Array.from({ length: 5 }, (_, at) => `${at},u${at}@example.com,${oldHash},,t`)
  const { gateway, importUsers } = await startMoving(t, { files: { 'u.csv': csv(...rows) } })
  sql(
    gateway,
    `CREATE TRIGGER no BEFORE INSERT ON account WHEN NEW.userId = '3' BEGIN SELECT RAISE(ABORT, 'no'); END`,
  )
  const { code, out } = await importUsers('--from', 'u.csv')
  t.equal(code, 1)
  t.match(out, /row 5 \(id 3\): skipped: auth\.database does not take it \(ERR_SQLITE_ERROR\)\n/)
  t.match(out, /5 rows: 4 imported/)
  t.strictSame(Object.keys(hashesOf(gateway)), ['0', '1', '2', '4'])
  t.strictSame(sql(gateway, `SELECT id FROM user WHERE id = '3'`), [], 'nor half of it')
})

t.test('a run that is cut off leaves whole users, and is continued by the next', async (t) => {
  const rows = Array.from({ length: 450 }, (_, at) => `${at},u${at}@example.com,${oldHash},,t`)
  const { gateway, importUsers } = await startMoving(t, {
    files: { 'u.csv': csv(...rows, '450,"u450@example.com,,,t', '451,v@example.com,,,t') },
  })
  t.match(await importUsers('--from', 'u.csv'), {
    code: 1,
    err: /^--from: line 452: a quote is opened here and never closed$/m,
  })
  t.equal(Object.keys(hashesOf(gateway)).length, 400, 'two batches')
  const file = join(gateway.folder, 'u.csv')
  writeFileSync(file, readFileSync(file, 'utf8').replace('"', ''))
  t.match(await importUsers('--from', 'u.csv'), {
    code: 0,
    out: /452 rows: 52 imported, 400 unchanged/,
  })
  t.equal(Object.keys(hashesOf(gateway)).length, 450)
})

t.test('neither hashes nor passwords are ever printed', async (t) => {
  const secret = '$2b$31$abcdefghijklmnopqrstuuJq4Fzjc1.pflg1yTKrfXxVbuU.NcG.K'
  const folder = t.testdir({
    'gateway.config.yaml': minimal,
    'u.csv': csv(
      `1,a@example.com,${secret},A,t`,
      '2,b@example.com,hunter2,B,t',
      '3,c@example.com,"hunter2,x"y,C,t',
      '4,c,hunter2,C,t',
    ),
  })
  const places = ['u.csv', 'mysql://u:hunter2@127.0.0.1/x', 'postgres://u:hunter2@127.0.0.1:9/x']
  for (const from of places) {
    for (const more of [['--dry-run'], ['--format', 'json'], []]) {
      const { out, err } = await run(folder, ['users', 'import', '--from', from, ...more])
      t.ok(out + err)
      t.notMatch(out + err, /hunter2|\$2b\$|NcG\.K/)
    }
  }
})

import { DatabaseSync } from 'node:sqlite'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { minimal, run, type Ran } from '../cli/run.ts'
import { startPostgres } from '../helper/servers/postgres.ts'

/** Runs the command in a folder of its own, with this configuration and these files. */
async function refused(
  t: Test,
  args: readonly string[],
  { yaml = minimal, files = {} }: { yaml?: string; files?: Record<string, string> } = {},
): Promise<Ran> {
  const folder = t.testdir({ 'gateway.config.yaml': yaml, 'u.csv': 'id,email\n', ...files })
  return run(folder, ['users', 'import', ...args])
}

t.test('a command that is written wrongly is wrong usage', async (t) => {
  t.match(await refused(t, []), { code: 2, err: /--from/ })
  for (const args of [
    ['--ids', 'new'],
    ['--preset', 'django'],
    ['--format', 'xml'],
    ['--nothing'],
  ]) {
    t.match(await refused(t, ['--from', 'u.csv', ...args]), { code: 2 }, args.join(' '))
  }
})

t.test('what cannot be read is one sentence', async (t) => {
  const cases: readonly [readonly string[], RegExp, Record<string, string>?][] = [
    [['--from', 'none.csv'], /^--from: there is no none\.csv\n$/],
    [['--from', 'sqlite:none.db'], /^--from: there is no none\.db\n$/],
    [['--from', 'sqlite:u.csv'], /^--from: cannot read u\.csv: it is not an SQLite database\n$/],
    [['--from', 'postgres://127.0.0.1:9/x'], /^--from: cannot read .*: nothing listens there\n$/],
    [['--from', 'u.csv', '--table', 'user'], /^--table: a file has no tables\n$/],
    [['--from', 'u.csv'], /^--from: u\.csv is empty\n$/, { 'u.csv': '' }],
    [['--from', 'u.csv'], /two columns "id"/, { 'u.csv': 'id,email,id\n' }],
    [['--from', 'u.csv'], /not separated by commas/, { 'u.csv': 'id;email\n' }],
    [['--from', 'u.csv', '--map', 'x=y'], /^--map: expected field=column/],
  ]
  for (const [args, err, files = {}] of cases) {
    t.match(await refused(t, args, { files }), { code: 1, err, out: '' }, args.join(' '))
  }
  const folder = t.testdir({ 'gateway.config.yaml': minimal })
  new DatabaseSync(join(folder, 'app.db')).exec('CREATE TABLE people (id, email)')
  t.match(await run(folder, ['users', 'import', '--from', 'sqlite:app.db']), {
    code: 1,
    err: '--table: there is no user or users in app.db, only people\n',
  })
})

t.test('text in another encoding is refused, not guessed', async (t) => {
  const folder = t.testdir({
    'gateway.config.yaml': minimal,
    'u.csv': Buffer.from('id,email,name\n1,a@b.example,J\xf6rg\n', 'latin1'),
  })
  t.match(await run(folder, ['users', 'import', '--from', 'u.csv']), {
    code: 1,
    err: /u\.csv: it is not UTF-8/,
  })
})

const module = (code: string): Record<string, string> => ({ 'auth.ts': code })
const withModule = minimal.replace('signUp: open', 'signUp: open, module: ./auth.ts')

t.test('what Better Auth could not take is refused before anything is written', async (t) => {
  const inactive = ['--from', 'u.csv', '--include-inactive'] as const
  const social = minimal.replace(
    'signUp: open',
    'signUp: open, signIn: { social: { github: { clientId: a, clientSecret: b } } }',
  )
  t.match(await refused(t, inactive, { yaml: social }), { code: 1, err: /come in by .*github/ })
  const reset = module('export default { emailAndPassword: { sendResetPassword: async () => {} } }')
  t.match(await refused(t, inactive, { yaml: withModule, files: reset }), {
    code: 1,
    err: /come in by sendResetPassword/,
  })
  const link = module(
    `import { magicLink } from 'better-auth/plugins'
     export default { plugins: [magicLink({ sendMagicLink: async () => {} })] }`,
  )
  t.match(await refused(t, inactive, { yaml: withModule, files: link }), {
    code: 1,
    err: /come in by the plugin magic-link/,
  })
  t.match(await refused(t, inactive), { code: 0 }, 'where there is no other way in')
  const roles = { 'u.csv': 'id,email,kind\n' }
  t.match(await refused(t, ['--from', 'u.csv', '--map', 'role=kind'], { files: roles }), {
    code: 1,
    err: /^--map: users have no role here/,
  })
  const needed = module(
    `export default { user: { additionalFields: { tenant: { type: 'string', required: true } } } }`,
  )
  t.match(await refused(t, ['--from', 'u.csv'], { yaml: withModule, files: needed }), {
    code: 1,
    err: /every user needs "tenant"/,
  })
})

t.test("Better Auth's own table is not taken for the application's", async (t) => {
  const yaml = withModule.replace('signUp: open', 'signUp: open, database: "sqlite:./app.db"')
  const folder = t.testdir({ 'gateway.config.yaml': yaml, 'auth.ts': 'export default {}' })
  const database = new DatabaseSync(join(folder, 'app.db'))
  database.exec(
    `CREATE TABLE user (id TEXT, email TEXT); INSERT INTO user VALUES ('1', 'a@example.com')`,
  )
  const schema = (): unknown => database.prepare('SELECT sql FROM sqlite_schema').all()
  const before = schema()
  const command = ['users', 'import', '--from', 'sqlite:./app.db'] as const
  for (const more of [['--dry-run'], []]) {
    const { code, err } = await run(folder, [...command, ...more])
    t.equal(code, 1)
    t.match(err, /^--from: this is auth\.database, where "user" is Better Auth's own table/)
    t.strictSame(schema(), before)
  }
  await t.test('which may be called something else', async (t) => {
    const other = "export default { user: { modelName: 'auth_user' } }"
    writeFileSync(join(folder, 'auth.ts'), other)
    t.match(await run(folder, command), { code: 0, out: /1 rows: 1 imported/ })
    t.match(database.prepare('SELECT id, email FROM auth_user').all(), [{ id: '1' }])
    t.match(database.prepare('SELECT * FROM user').all(), [{ id: '1', email: 'a@example.com' }])
  })
  database.close()
})

t.test('nor in PostgreSQL, where it may be in another schema', async (t) => {
  const postgres = await startPostgres(t)
  if (postgres === null) return
  await postgres.query('CREATE TABLE "user" (id uuid, email text)')
  await postgres.query(`INSERT INTO "user" VALUES (gen_random_uuid(), 'a@example.com')`)
  const configOf = (url: string): string =>
    minimal.replace('signUp: open', `signUp: open, database: "${url}"`)
  const same = { yaml: configOf(postgres.url) }
  t.match(await refused(t, ['--from', postgres.url], same), {
    code: 1,
    err: /this is auth\.database/,
  })
  const columns = `SELECT column_name FROM information_schema.columns WHERE table_name = 'user'`
  t.equal((await postgres.query(columns)).length, 2, 'before anything is changed')
  await postgres.query('CREATE SCHEMA auth')
  const other = { yaml: configOf(`${postgres.url}?options=-csearch_path%3Dauth`) }
  t.match(await refused(t, ['--from', postgres.url, '--table', 'public.user'], other), {
    code: 0,
    out: /1 rows: 1 imported/,
  })
  t.match(await postgres.query('SELECT email FROM auth."user"'), [{ email: 'a@example.com' }])
})

t.test('a Better Auth elsewhere imports its own users', async (t) => {
  const yaml = minimal.replace('signUp: open', 'mode: remote, url: "http://127.0.0.1:9"')
  t.match(await refused(t, ['--from', 'u.csv'], { yaml }), { code: 1, err: /auth\.mode is remote/ })
})

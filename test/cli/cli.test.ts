import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { minimal, root, run } from './run.ts'

t.test('each command explains itself, and a wrong one exits 2', async (t) => {
  for (const command of [
    'start',
    'dev',
    'init',
    'check',
    'routes',
    'explain',
    'test',
    'migrate',
    'users import',
    'schema',
    'health',
  ]) {
    const { code, out } = await run(root, [...command.split(' '), '--help'])
    t.equal(code, 0, command)
    t.match(out, new RegExp(`Usage: sallyport ${command} [^]*Exit codes`), command)
  }
  t.match(await run(root, ['chekc']), { code: 2, err: /Did you mean check\?/ })
  t.match(await run(root, ['check', '--nonsense']), { code: 2 })
  t.match(await run(root, ['--help']), { code: 0 })
  t.match(await run(root, []), { code: 2 })
})

t.test('a reader that wants no more is no fault', async (t) => {
  const child = spawn(process.execPath, [join(root, 'src/sallyport.js'), 'schema'])
  child.stdout.destroy()
  const [err] = await Promise.all([text(child.stderr), once(child, 'exit')])
  t.equal(err, '')
})

t.test('init writes what is missing and nothing else', async (t) => {
  const folder = t.testdir({ '.env': 'OTHER=1\nJWT_SECRET=mine-and-not-to-be-touched' })
  t.match(await run(folder, ['init'], {}), { code: 0, out: /wrote BETTER_AUTH_SECRET/ })
  const env = readFileSync(join(folder, '.env'), 'utf8')
  t.match(
    env,
    /^OTHER=1\nJWT_SECRET=mine-and-not-to-be-touched\nBETTER_AUTH_SECRET=\S{43}\nADMIN_TOKEN=\S{43}\n$/,
  )
  t.equal(statSync(join(folder, '.env')).mode & 0o777, 0o600)
  const yaml = readFileSync(join(folder, 'gateway.config.yaml'), 'utf8')
  t.match(await run(folder, ['init'], {}), {
    code: 0,
    out: /every secret is there already[^]*stays as it is/,
  })
  t.equal(readFileSync(join(folder, '.env'), 'utf8'), env)
  t.equal(readFileSync(join(folder, 'gateway.config.yaml'), 'utf8'), yaml)
})

t.test('what init writes passes check', async (t) => {
  const folder = t.testdir({})
  await run(folder, ['init'], {})
  t.match(await run(folder, ['check', '--strict'], {}), { code: 0, out: /ok, 2 routes/ })
})

t.test('check prints one precise message for each of the broken files', async (t) => {
  const cases = join(root, 'test/config/cases')
  const broken = readdirSync(cases).filter((name) => name.startsWith('broken-'))
  t.ok(broken.length >= 10, `${broken.length} files`)
  for (const name of broken) {
    const { code, err } = await run(cases, ['check', '--config', name])
    t.equal(code, 1, name)
    t.match(err.trim(), /^broken-[a-z-]+\.yaml(:\d+:\d+)? \S.*\S$/, name)
  }
})

t.test('check refuses a login page that needs a login', async (t) => {
  const folder = t.testdir({
    'gateway.config.yaml': minimal.replace('signUp: open', 'signUp: open, loginPage: /api/login'),
  })
  t.match(await run(folder, ['check']), {
    code: 1,
    err: /auth\.loginPage: the login page \/api\/login is served by route "api"/,
  })
  t.match(await run(folder, ['start']), { code: 1, err: /auth\.loginPage/ })
})

t.test('check looks at the logo, as start does', async (t) => {
  const folder = t.testdir({
    'gateway.config.yaml': `${minimal}\npages: { logo: ./logo.png }\n`,
    'logo.png': 'no image',
  })
  const err = /pages\.logo: .*logo\.png holds no SVG, PNG, JPEG or WebP image/
  t.match(await run(folder, ['check']), { code: 1, err })
  t.match(await run(folder, ['start']), { code: 1, err })
})

t.test('check --strict wants warnings gone, and json is for programs', async (t) => {
  const folder = t.testdir({
    'gateway.config.yaml': minimal.replace('auth: { signUp: open }\n', ''),
  })
  t.match(await run(folder, ['check']), { code: 0, err: /signUp/ })
  t.match(await run(folder, ['check', '--strict']), { code: 1 })
  const { out } = await run(folder, ['check', '--format', 'json'])
  t.match(JSON.parse(out), [{ severity: 'warning', path: 'auth.signUp' }])
})

t.test('routes prints the table in the order of precedence', async (t) => {
  const folder = t.testdir({ 'gateway.config.yaml': minimal })
  const { code, out } = await run(folder, ['routes'])
  t.equal(code, 0)
  t.match(
    out,
    /^PATH +METHODS +AUTH +TO +NAME\n[^]*\/api\/auth\/\*[^]*\/api\/\* .* required +api +api/,
  )
})

t.test('schema prints the committed schema', async (t) => {
  const { out } = await run(root, ['schema'])
  t.equal(out, readFileSync(join(root, 'config/gateway.schema.json'), 'utf8'))
})

t.test('migrate shows what it would do, does it, and then has nothing to do', async (t) => {
  const folder = t.testdir({ 'gateway.config.yaml': minimal })
  t.match(await run(folder, ['migrate', '--dry-run']), { code: 0, out: /create table/i })
  t.match(await run(folder, ['migrate']), {
    code: 0,
    out: /^created: user, session, account, verification/,
  })
  t.match(await run(folder, ['migrate']), { code: 0, out: 'nothing to do' })
  t.ok(existsSync(join(folder, 'data/auth.db')))
})

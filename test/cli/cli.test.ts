import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { authSecret, jwtSecret } from '../helper/token.ts'

const root = join(import.meta.dirname, '../..')
const secrets = { BETTER_AUTH_SECRET: authSecret, JWT_SECRET: jwtSecret }

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

async function run(
  cwd: string,
  args: readonly string[],
  env: Record<string, string> = secrets,
): Promise<Ran> {
  const child = spawn(process.execPath, [join(root, 'src/sallyport.js'), ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (child.exitCode === null) await once(child, 'close')
  return { code: child.exitCode, out, err }
}

const minimal = `
server: { listen: "127.0.0.1:0" }
admin: { listen: "127.0.0.1:0" }
auth: { signUp: open }
upstreams: { api: "http://127.0.0.1:9" }
routes: [{ name: api, match: { path: /api/* }, upstream: api }]
`

t.test('each command explains itself, and a wrong one exits 2', async (t) => {
  for (const command of [
    'start',
    'dev',
    'init',
    'check',
    'routes',
    'migrate',
    'schema',
    'health',
  ]) {
    const { code, out } = await run(root, [command, '--help'])
    t.equal(code, 0, command)
    t.match(out, new RegExp(`Usage: sallyport ${command} [^]*Exit codes`), command)
  }
  t.match(await run(root, ['chekc']), { code: 2, err: /Did you mean check\?/ })
  t.match(await run(root, ['check', '--nonsense']), { code: 2 })
  t.match(await run(root, ['--help']), { code: 0 })
  t.match(await run(root, []), { code: 2 })
})

t.test('init writes what is missing and nothing else', async (t) => {
  const folder = t.testdir({ '.env': 'OTHER=1\nJWT_SECRET=mine-and-not-to-be-touched' })
  t.match(await run(folder, ['init'], {}), { code: 0, out: /wrote BETTER_AUTH_SECRET/ })
  const env = readFileSync(join(folder, '.env'), 'utf8')
  t.match(env, /^OTHER=1\nJWT_SECRET=mine-and-not-to-be-touched\nBETTER_AUTH_SECRET=\S{43}\n$/)
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

t.test('a start that cannot be says why in one line and exits 1', async (t) => {
  const taken = createServer()
  taken.listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => taken.close())
  const { port } = taken.address() as AddressInfo
  const starts: Record<string, [string, Record<string, string>, RegExp]> = {
    'no file': ['', secrets, /gateway\.config\.yaml/],
    'a missing secret': [minimal, { JWT_SECRET: jwtSecret }, /auth\.secret.*sallyport init/],
    'a weak secret': [minimal, { ...secrets, JWT_SECRET: 'short' }, /bearer\.secret/],
    'equal secrets': [
      minimal,
      { ...secrets, JWT_SECRET: authSecret },
      /auth\.secret|bearer\.secret/,
    ],
    'an occupied port': [
      minimal.replace('listen: "127.0.0.1:0" }\nadmin', `listen: "127.0.0.1:${port}" }\nadmin`),
      secrets,
      new RegExp(`server\\.listen: 127\\.0\\.0\\.1:${port} is in use`),
    ],
    'a database whose folder is a file': [
      minimal.replace(
        'signUp: open',
        'signUp: open, database: "sqlite:./gateway.config.yaml/auth.db"',
      ),
      secrets,
      /auth\.database: cannot open .*a part of its path is a file/,
    ],
    'a module that is not there': [
      minimal.replace('signUp: open', 'signUp: open, module: ./nothing.ts'),
      secrets,
      /auth\.module: .*nothing\.ts does not exist/,
    ],
  }
  for (const [why, [yaml, env, message]] of Object.entries(starts)) {
    const folder = t.testdir(yaml === '' ? {} : { 'gateway.config.yaml': yaml })
    const { code, err } = await run(folder, ['start'], env)
    t.equal(code, 1, why)
    t.match(err, message, why)
    t.notMatch(err, /\n\s+at /, `${why}: no stack`)
    t.notMatch(err, new RegExp(`${authSecret}|${jwtSecret}`), `${why}: no secret`)
  }
})

t.test('start serves until SIGTERM, and health sees it', async (t) => {
  const folder = t.testdir({ 'gateway.config.yaml': minimal })
  const child = spawn(process.execPath, [join(root, 'src/sallyport.js'), 'start'], {
    cwd: folder,
    env: { ...process.env, ...secrets },
  })
  t.teardown(() => child.kill('SIGKILL'))
  let log = ''
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()))
  while (!log.includes('"publicUrl"')) await once(child.stdout, 'data')
  const line = log.split('\n').find((text) => text.includes('"publicUrl"'))!
  const { admin } = JSON.parse(line) as { admin: string }
  t.equal((await fetch(`${admin}/readyz`)).status, 200)
  const { port } = new URL(admin)
  const asked = minimal.replace(
    'admin: { listen: "127.0.0.1:0" }',
    `admin: { listen: "127.0.0.1:${port}" }`,
  )
  const other = t.testdir({ 'gateway.config.yaml': asked })
  t.match(await run(other, ['health']), { code: 0, out: 'ready' })
  child.kill('SIGTERM')
  const [code] = (await once(child, 'close')) as [number]
  t.equal(code, 0)
  t.match(await run(other, ['health']), { code: 1, err: /nothing answers/ })
})

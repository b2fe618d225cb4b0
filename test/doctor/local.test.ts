import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { installedPackages } from '../../src/doctor/versions/installed.ts'
import { minimal, root, run, secrets } from '../cli/run.ts'
import { serve } from './servers.ts'
import { allSound, onlyWrong, setUp } from './set-up.ts'

// What can be seen without asking anybody, and the command as it is run.

interface Report {
  readonly counts: Readonly<Record<string, number>>
  readonly checks: readonly {
    readonly name: string
    readonly verdict: 'ok' | 'warning' | 'problem' | 'skipped'
    readonly seen: string
    readonly advice: string | null
  }[]
}

const api = await serve(t, (request, response) => {
  const isNobody = request.headers['authorization'] === undefined
  const guarded = '{ "/me": { "get": { "security": [{ "bearer": [] }] } } }'
  if (request.url === '/openapi.json') response.end(`{"openapi":"3.1.0","paths":${guarded}}`)
  else response.writeHead(isNobody ? 401 : 200).end('{}')
})

const sound = minimal.replace('http://127.0.0.1:9', api)

t.test('the command says what is wrong, and how it ended', async (t) => {
  const cases = [
    [
      sound.replace('upstream: api }', 'upstrem: api }'),
      secrets,
      1,
      'configuration',
      /:6:\d+ routes\[0\]\.upstrem: unknown key, did you mean "upstream"\?/,
    ],
    [
      sound,
      { ...secrets, JWT_SECRET: 'changethis' },
      1,
      'secrets',
      /bearer\.secret: the secret is a well-known one/,
    ],
    [
      sound,
      { ...secrets, JWT_SECRET: secrets.BETTER_AUTH_SECRET },
      1,
      'secrets',
      /bearer\.secret: must differ from auth\.secret/,
    ],
    [sound, { JWT_SECRET: secrets.JWT_SECRET }, 1, 'secrets', /auth\.secret: .*BETTER_AUTH_SECRET/],
    ['', secrets, 1, 'configuration', /./],
  ] as const
  for (const [yaml, env, code, name, seen] of cases) {
    const folder = t.testdir({ 'gateway.config.yaml': yaml })
    const { out, ...ran } = await run(folder, ['doctor', '--format', 'json'], env)
    t.equal(ran.code, code)
    const { checks } = JSON.parse(out) as Report
    onlyWrong(t, checks, { name, verdict: 'problem', seen, advice: /`sallyport check`/ })
  }
})

t.test('files that anybody can read are a warning, which counts with --strict', async (t) => {
  const folder = t.testdir({
    'gateway.config.yaml': sound,
    '.env': 'BETTER_AUTH_SECRET_FILE=./auth.secret\n',
    'auth.secret': secrets.BETTER_AUTH_SECRET,
  })
  chmodSync(join(folder, '.env'), 0o600)
  chmodSync(join(folder, 'auth.secret'), 0o644)
  const env = { JWT_SECRET: secrets.JWT_SECRET }
  const text = await run(folder, ['doctor'], env)
  t.equal(text.code, 0, text.out)
  t.match(text.out, /^warning +files +anybody on this machine can read \S+auth\.secret$/m)
  t.match(text.out, /^ +-> Run: chmod o-rwx \S+auth\.secret$/m)
  t.match(text.out, /^ok +token api +FastAPI takes our token at \/me \(200\)|^warning +token api/m)
  t.match(text.out, /\n0 problems, \d warnings?, \d+ ok, \d+ skipped\n$/)
  t.equal((await run(folder, ['doctor', '--strict'], env)).code, 1)
})

t.test('no output holds a secret', async (t) => {
  const folder = t.testdir({
    'gateway.config.yaml': `${sound.replace('open }', 'open, database: "${DATABASE_URL}" }')}redis: "\${REDIS_URL}"\n`,
  })
  const env = {
    ...secrets,
    DATABASE_URL: 'postgres://ada:hunter2-secret@127.0.0.1:9/auth',
    REDIS_URL: 'redis://ada:hunter3-secret@127.0.0.1:9',
  }
  for (const args of [['doctor'], ['doctor', '--format', 'json']]) {
    const { code, out, err } = await run(folder, args, env)
    t.equal(code, 1)
    t.match(out, /PostgreSQL cannot be asked/)
    t.match(out, /Redis cannot be asked/)
    for (const secret of ['hunter2', 'hunter3', ...Object.values(secrets)]) {
      t.notMatch(out + err, secret)
    }
  }
})

t.test('what makes no sense is wrong usage', async (t) => {
  const folder = t.testdir({ 'gateway.config.yaml': sound })
  for (const args of [
    ['--path', 'api/me'],
    ['--path', 'nowhere=/api/me'],
    ['--path', '/api/me#x'],
    ['--timeout', 'soon'],
    ['--timeout', '0'],
    ['--user', 'a b'],
  ]) {
    const { code, out, err } = await run(folder, ['doctor', ...args])
    t.equal(code, 2, args.join(' '))
    t.equal(out, '')
    t.not(err, '')
  }
})

t.test('unsafe versions are found where they are installed, nested too', async (t) => {
  const set = await setUp(t, { upstreams: `{ api: "${api}" }`, identity: '{ token: none }' })
  await set.migrate()
  const folder = t.testdir()
  const install = (path: string, version: string, dependencies = {}): void => {
    mkdirSync(join(folder, path), { recursive: true })
    const manifest = JSON.stringify({ name: path, version, dependencies })
    writeFileSync(join(folder, path, 'package.json'), manifest)
  }
  install('.', '0.1.0', { 'better-auth': '*', undici: '*' })
  install('node_modules/better-auth', '1.7.25', { '@fastify/reply-from': '*' })
  install('node_modules/undici', '8.12.4')
  install('node_modules/@fastify/reply-from', '12.7.0', { undici: '*' })
  install('node_modules/nobody-needs-it', '1.0.0')
  const look = () =>
    set.look({ installed: installedPackages(folder), changes: { identity: '{ }' } })
  t.equal(installedPackages(folder).length, 3)
  const wanted = { name: 'packages', verdict: 'problem' } as const
  install('node_modules/@fastify/reply-from/node_modules/undici', '8.12.1')
  onlyWrong(t, dropToken(await look()), {
    ...wanted,
    seen: /^unsafe versions are installed: undici 8\.12\.1: CVE-2026-109924/,
    advice: /npm install undici@">=8\.12\.2"/,
  })
  install('node_modules/@fastify/reply-from/node_modules/undici', '8.12.2')
  install('node_modules/better-auth', '1.6.10')
  onlyWrong(t, dropToken(await look()), {
    ...wanted,
    seen: /better-auth 1\.6\.10: GHSA-2vg6-77g8-24mp, .*; better-auth 1\.6\.10: /,
    advice: /better-auth@">=1\.6\.22"/,
  })
  install('node_modules/better-auth', '1.7.25')
  allSound(t, dropToken(await look()), ['packages'])
})

/** The stub behind it takes every token. */
function dropToken<T extends { readonly name: string }>(findings: readonly T[]): readonly T[] {
  return findings.filter(({ name }) => name !== 'token api')
}

t.test('what is really installed here is safe', async (t) => {
  const installed = installedPackages(root)
  t.ok(installed.length > 50)
  for (const name of ['fastify', 'better-auth', 'undici', 'ws', 'jose', 'find-my-way']) {
    t.ok(
      installed.some((each) => each.name === name),
      name,
    )
  }
  t.notOk(
    installed.some(({ name }) => name === 'tap'),
    'what only tests need is not looked at',
  )
})

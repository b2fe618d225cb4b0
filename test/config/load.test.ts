import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { ConfigError } from '../../src/config/problem.ts'
import { base, secrets } from './gateway-file.ts'

const other = 'uE8xK3oV6tN1iR9aM4gY7bP2fW5zC0dS'

/** A folder with a configuration and whatever else is given. */
function createFolder(t: Test, files: Readonly<Record<string, string | Buffer>>) {
  const folder = t.testdir()
  for (const [name, content] of Object.entries({ 'gateway.config.yaml': base, ...files })) {
    writeFileSync(join(folder, name), content)
  }
  return { folder, file: join(folder, 'gateway.config.yaml') }
}

function problemsOf(load: () => unknown): string[] {
  try {
    load()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const errors = error.problems.filter(({ severity }) => severity === 'error')
    return errors.map(({ message }) => message)
  }
  return []
}

t.test('secrets come from the .env beside the file, and the process wins over it', async (t) => {
  const { file } = createFolder(t, {
    '.env': `BETTER_AUTH_SECRET=${secrets['BETTER_AUTH_SECRET'] ?? ''}\nJWT_SECRET=${other}\n`,
  })
  const own = loadConfig({ file, env: {} })
  t.strictSame(own.config.bearer.secrets, [other])
  const { JWT_SECRET } = secrets
  const { config, env } = loadConfig({ file, env: { JWT_SECRET } })
  t.strictSame(config.bearer.secrets, [JWT_SECRET])
  t.equal(env['JWT_SECRET'], JWT_SECRET)
  t.equal(env['BETTER_AUTH_SECRET'], config.auth.secrets[0])
})

t.test('paths are relative to the folder of the file', async (t) => {
  const { folder, file } = createFolder(t, {
    'gateway.config.yaml': `auth: { module: ./auth.ts, database: 'sqlite:data/a.db' }\n${base}`,
  })
  const { auth } = loadConfig({ file, env: secrets }).config
  t.equal(auth.module, join(folder, 'auth.ts'))
  t.same(auth.database, { kind: 'sqlite', file: join(folder, 'data/a.db') })
})

t.test('the configuration is frozen to the last value', async (t) => {
  const { file } = createFolder(t, {})
  const { config } = loadConfig({ file, env: secrets })
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    t.ok(Object.isFrozen(value))
    Object.values(value).forEach(visit)
  }
  visit(config)
})

t.test('a secret may stand in a file that NAME_FILE names', async (t) => {
  const { file } = createFolder(t, { 'jwt.txt': `${other}\r\n` })
  const { BETTER_AUTH_SECRET, JWT_SECRET } = secrets
  const { config, env } = loadConfig({
    file,
    env: { BETTER_AUTH_SECRET, JWT_SECRET_FILE: 'jwt.txt' },
  })
  t.strictSame(config.bearer.secrets, [other])
  t.equal(env['JWT_SECRET'], other)
  const both = { BETTER_AUTH_SECRET, JWT_SECRET, JWT_SECRET_FILE: 'jwt.txt' }
  t.strictSame(
    problemsOf(() => loadConfig({ file, env: both })),
    ['both JWT_SECRET and JWT_SECRET_FILE are set: remove one of them'],
  )
  const missing = { BETTER_AUTH_SECRET, JWT_SECRET_FILE: 'missing.txt' }
  t.strictSame(
    problemsOf(() => loadConfig({ file, env: missing })),
    ['the file that JWT_SECRET_FILE names cannot be read: there is no such file'],
  )
})

t.test('a variable file that is used twice is no conflict with itself', async (t) => {
  const { file } = createFolder(t, {
    'issuer.txt': 'https://issuer.example\n',
    'gateway.config.yaml': `bearer: { issuer: "\${ISS}", audience: "\${ISS}" }\n${base}`,
  })
  const { bearer } = loadConfig({ file, env: { ...secrets, ISS_FILE: 'issuer.txt' } }).config
  t.equal(bearer.issuer, 'https://issuer.example')
  t.equal(bearer.audience, 'https://issuer.example')
})

t.test('files that cannot be read are named with the reason', async (t) => {
  const { folder } = createFolder(t, { 'latin1.yaml': Buffer.from('name: caf\xe9\n', 'latin1') })
  const load = (name: string) => problemsOf(() => loadConfig({ file: join(folder, name), env: {} }))
  t.match(load('missing.yaml'), [/^cannot be read: there is no such file/])
  t.match(load('.'), [/^cannot be read: it is a folder, not a file$/])
  t.match(load('latin1.yaml'), [/^cannot be read: it is not valid UTF-8$/])
})

t.test('a .env that cannot be read is named, not passed over', async (t) => {
  const { folder, file } = createFolder(t, {})
  mkdirSync(join(folder, '.env'))
  t.strictSame(
    problemsOf(() => loadConfig({ file, env: secrets })),
    ['it is a folder, not a file'],
  )
})

t.test('other failures of reading are a problem of the configuration too', async (t) => {
  const code = (value: string) => Object.assign(new Error('boom'), { code: value })
  const reading = (error: unknown) => () =>
    loadConfig({
      file: 'gateway.config.yaml',
      env: {},
      read: () => {
        throw error
      },
    })
  t.match(problemsOf(reading(code('EACCES'))), [/permission denied$/])
  t.match(problemsOf(reading('not even an error')), [/reading failed$/])
})

t.test(
  'all problems are thrown together, and dev leaves out what is no matter there',
  async (t) => {
    const { file } = createFolder(t, {
      'gateway.config.yaml': `${base}redis: redis://:mine@localhost\n`,
    })
    t.equal(problemsOf(() => loadConfig({ file, env: {} })).length, 2)
    const paths = (dev: boolean) =>
      loadConfig({ file, env: secrets, dev }).warnings.map(({ path }) => path)
    t.strictSame(paths(false), ['auth.signUp', 'redis'])
    t.strictSame(paths(true), [])
  },
)

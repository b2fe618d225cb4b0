import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { authSecret, jwtSecret } from '../helper/token.ts'
import { minimal, root, run, secrets } from './run.ts'

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

t.test('a start that waits for its database ends when it is told to', async (t) => {
  const silent = createServer()
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => silent.close())
  const { port } = silent.address() as AddressInfo
  const database = `database: "postgres://127.0.0.1:${String(port)}/auth"`
  const yaml = minimal.replace('signUp: open', `signUp: open, ${database}`)
  const folder = t.testdir({ 'gateway.config.yaml': yaml })
  const child = spawn(process.execPath, [join(root, 'src/sallyport.js'), 'start'], {
    cwd: folder,
    env: { ...process.env, ...secrets },
  })
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  }
  const ended = once(child, 'exit')
  const isWaiting = once(silent, 'connection').then(() => 'waits')
  t.equal(await Promise.race([isWaiting, ended.then(() => said)]), 'waits')
  child.kill('SIGTERM')
  // By a handler of its own, which PID 1 needs: without one it would be the signal that ended it.
  t.strictSame(await ended, [0, null])
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

t.test(
  'dev applies a changed file, and keeps the old one when the new one cannot be',
  async (t) => {
    const folder = t.testdir({ 'gateway.config.yaml': minimal })
    const file = join(folder, 'gateway.config.yaml')
    const child = spawn(process.execPath, [join(root, 'src/sallyport.js'), 'dev'], {
      cwd: folder,
      env: { ...process.env, ...secrets },
    })
    t.teardown(() => child.kill('SIGKILL'))
    let log = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (log += chunk.toString()))
    }
    const starts = (): string[] => log.split('\n').filter((line) => line.includes('"publicUrl"'))
    const until = async (isDone: () => boolean): Promise<void> => {
      while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 50))
    }
    const statusOf = async (path: string): Promise<number> => {
      const { listen } = JSON.parse(starts().at(-1)!) as { listen: string }
      return (await fetch(`${listen}${path}`)).status
    }
    await until(() => starts().length === 1)
    t.equal(await statusOf('/v2/x'), 404)
    writeFileSync(file, minimal.replace('/api/*', '/v2/*'))
    await until(() => log.includes('configuration applied'))
    t.equal(await statusOf('/v2/x'), 401)
    t.equal(starts().length, 1, 'without a restart')
    writeFileSync(file, `${minimal}\nrubbish: 1\n`)
    await until(() => log.includes('rubbish'))
    t.equal(await statusOf('/v2/x'), 401)
    writeFileSync(
      file,
      minimal.replace('listen: "127.0.0.1:0" }\nadmin', 'listen: "192.0.2.1:80" }\nadmin'),
    )
    await until(() => starts().length === 2)
    await until(() => log.includes('192.0.2.1'))
    t.match(log, /server\.listen: 192\.0\.2\.1:80 is not an address of this machine/)
    t.equal(await statusOf('/v2/x'), 401)
    child.kill('SIGINT')
    const [code] = (await once(child, 'close')) as [number]
    t.equal(code, 0)
  },
)

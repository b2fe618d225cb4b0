import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { root, run, secrets } from '../../cli/run.ts'
import { markedBlock } from '../../docs/pages.ts'
import { startFastApi, type RunningFastApi } from '../../fastapi/python.ts'
import { bareEnv, freePort } from '../../helper/program.ts'

// What docs/doctor.md shows is what the command prints on the demo, but for what differs from machine to machine.

const app = await startFastApi(t)
if (app !== null) await holdPage(app)

interface Demo {
  readonly folder: string
  readonly ports: Readonly<Record<string, number>>
}

async function holdPage(app: RunningFastApi): Promise<void> {
  const demo = await prepareDemo(t, app.url)
  await startGateway(t, demo.folder)
  const output = async (
    args: readonly string[],
    env: Record<string, string> = {},
  ): Promise<string> => {
    // A busy machine is not slow FastAPI.
    const patient = ['doctor', '--timeout', '60s', ...args]
    return normal((await run(demo.folder, patient, env)).out, demo)
  }

  t.test('with everything running', async (t) => {
    t.equal(await output(['--public']), normal(shown('sound'), demo))
  })
  t.test('with another secret', async (t) => {
    const env = { JWT_SECRET: 'Zu8Ky3Wd6Qe1Xn5Vb9Mt4Rc7Lp2Hf0Js-other' }
    holds(t, await output(['--public'], env), 'secret', demo)
  })
  t.test('with another profile', async (t) => {
    const file = change(demo, '{ claims:', '{ profile: fastapi-users, claims:')
    holds(t, await output(['--config', file]), 'profile', demo)
  })
  t.test('with a letter missing', async (t) => {
    const file = change(demo, 'upstream: api, auth: none', 'upstrem: api, auth: none')
    const text = await output(['--config', file])
    holds(t, text.replaceAll(file, 'gateway.config.yaml'), 'typo', demo)
  })
  t.test('with FastAPI gone', async (t) => {
    await app.stop()
    holds(t, await output([]), 'gone', demo)
  })
}

function shown(mark: string): string {
  return markedBlock('docs/doctor.md', mark)
}

/** That every line that the page shows is in the output, in the same order. */
function holds(t: Test, output: string, mark: string, demo: Demo): void {
  const wanted = normal(shown(mark), demo).trimEnd().split('\n')
  const found = output.split('\n').filter((line) => wanted.includes(line))
  t.strictSame(found, wanted, output)
}

/** Without what differs: ports, the folder, times, versions, counts of packages, places in a file. */
function normal(text: string, { folder, ports }: Demo): string {
  const usual = Object.entries(ports).reduce(
    (line, [port, own]) => line.replaceAll(`:${own}`, `:${port}`),
    text.replaceAll(folder, '/srv/todos'),
  )
  return usual
    .replace(/answers in \d+ ms/g, 'answers in N ms')
    .replace(/Node v[\d.]+/g, 'Node vN')
    .replace(/\d+ packages/g, 'N packages')
    .replace(/(yaml|config):\d+:\d+/g, '$1:L:C')
}

/** The demo's own configuration on ports of the test's. */
async function prepareDemo(t: Test, fastApi: string): Promise<Demo> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-page-'))
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  const ports = {
    8080: await freePort(),
    9090: await freePort(),
    8000: Number(new URL(fastApi).port),
  }
  copyFileSync(join(root, 'gateway.config.yaml'), join(folder, 'gateway.config.yaml'))
  mkdirSync(join(folder, 'web'))
  const env = {
    ...secrets,
    PORT: ports[8080],
    PUBLIC_URL: `http://localhost:${ports[8080]}`,
    ADMIN_PORT: ports[9090],
    FASTAPI_URL: fastApi,
    WEB_DIR: './web',
  }
  const lines = Object.entries(env).map(([name, value]) => `${name}=${String(value)}\n`)
  writeFileSync(join(folder, '.env'), lines.join(''), { mode: 0o600 })
  return { folder, ports }
}

/** A configuration beside the demo's with one thing changed. Returns its name. */
function change({ folder }: Demo, from: string, to: string): string {
  const text = readFileSync(join(folder, 'gateway.config.yaml'), 'utf8')
  writeFileSync(join(folder, 'other.yaml'), text.replace(from, to))
  return 'other.yaml'
}

async function startGateway(t: Test, folder: string): Promise<void> {
  const child = spawn(process.execPath, [join(root, 'src/sallyport.js'), 'start'], {
    cwd: folder,
    env: bareEnv,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null) await once(child, 'exit')
  })
  for await (const line of createInterface(child.stdout)) {
    if (line.includes('"msg":"listening"')) break
  }
  child.stdout.resume()
}

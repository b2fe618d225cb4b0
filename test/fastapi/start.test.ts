import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { preparePython } from '../../deploy/demo/launch/venv.ts'
import { copyCheckout, runStart, type Started } from './checkout.ts'

// `npm start` as a newcomer runs it, in a copy of this checkout. The Python is the one that this checkout found.

t.test('the demo starts twice, and an unchanged FastAPI knows who signed in', async (t) => {
  const python = await preparedPython(t)
  if (python === null) return
  const folder = await copyCheckout(t)
  const env = { PYTHON: python }

  const first = await runStart(t, folder, { args: ['--port', '0'], env })
  const { url, email, password } = await whenOpen(first)
  t.match(first.output(), 'wrote BETTER_AUTH_SECRET, JWT_SECRET, ADMIN_TOKEN to .env')
  await checkSignedIn(t, url, await signIn(url, email, password))
  await checkRefusals(t, url)
  await endsCleanly(t, first, 'SIGINT')

  const second = await runStart(t, folder, { args: ['--port', '0'], env })
  const again = await whenOpen(second)
  t.match(second.output(), /secrets +found/)
  t.equal(again.password, password, 'the demo account is the same')
  await signIn(again.url, email, password)
  await endsCleanly(t, second, 'SIGTERM')
})

t.test('FastAPI does not outlive a start that is killed', async (t) => {
  const python = await preparedPython(t)
  if (python === null) return
  const started = await runStart(t, await copyCheckout(t), {
    args: ['--port', '0'],
    env: { PYTHON: python },
  })
  await whenOpen(started)
  started.child.kill('SIGKILL')
  await started.exit
  const upstream = fastApiOf(started)
  while (await answers(upstream)) await delay(20)
  t.notOk(await answers(upstream))
})

t.test('Ctrl-C while an event stream is open ends both', async (t) => {
  const python = await preparedPython(t)
  if (python === null) return
  const started = await runStart(t, await copyCheckout(t), {
    args: ['--port', '0'],
    env: { PYTHON: python },
  })
  const { url, email, password } = await whenOpen(started)
  const cookie = await signIn(url, email, password)
  const response = await fetch(`${url}/api/events`, { headers: { cookie } })
  const reader = response.body!.getReader()
  t.match(Buffer.from((await reader.read()).value).toString(), /event: hello/)
  await endsCleanly(t, started, 'SIGINT')
  let rest = ''
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    rest += Buffer.from(read.value).toString()
  }
  t.match(rest, /event: sallyport\ndata: \{.*"code":"shutting_down"/)
})

t.test('--upstream needs no Python', async (t) => {
  const started = await runStart(t, await copyCheckout(t), {
    args: ['--port', '0', '--upstream', 'http://127.0.0.1:9'],
    env: { PYTHON: '/nonexistent', PATH: '' },
  })
  const { url } = await whenOpen(started)
  t.match(started.output(), 'nothing answers at http://127.0.0.1:9 yet')
  const response = await fetch(`${url}/health`)
  t.equal(response.status, 502)
  t.match(await response.json(), { code: 'upstream_unreachable', action: 'retry' })
  await endsCleanly(t, started, 'SIGINT')
})

t.test(
  'without the folder of the page, as in the container image, the rest is served',
  async (t) => {
    const folder = await copyCheckout(t)
    await rm(join(folder, 'deploy/demo/web/dist'), { recursive: true, force: true })
    const args = ['--port', '0', '--upstream', 'http://127.0.0.1:9']
    const started = await runStart(t, folder, { args, env: { PYTHON: '/nonexistent', PATH: '' } })
    const { url } = await whenOpen(started)
    t.match(started.output(), /page +static route "app": there is no folder .*: npm run build:web/)
    t.match(await (await fetch(url)).json(), { status: 404, code: 'route_not_found' })
    t.match(await (await fetch(`${url}/health`)).json(), { code: 'upstream_unreachable' })
    t.match(await (await fetch(`${url}/api/me`)).json(), { code: 'credential_missing' })
    await endsCleanly(t, started, 'SIGINT')
  },
)

t.test('an occupied port is said in one line, before anything is prepared', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const port = String((server.address() as AddressInfo).port)
  const started = await runStart(t, await copyCheckout(t), { args: ['--port', port] })
  t.equal(await started.exit, 1)
  t.match(started.output(), `Port ${port} is in use; choose another: npm start -- --port N\n`)
  t.notMatch(started.output(), / at |python/)
})

t.test('a PYTHON that cannot be run is said in one line', async (t) => {
  const started = await runStart(t, await copyCheckout(t), {
    args: ['--port', '0'],
    env: { PYTHON: '/nonexistent' },
  })
  t.equal(await started.exit, 1)
  t.match(started.output(), /PYTHON is \/nonexistent, which cannot be run\. .*--upstream URL\n$/)
})

t.test('wrong usage is said with exit code 2, and help with 0', async (t) => {
  const folder = await copyCheckout(t)
  const cases: readonly (readonly [string[], number, RegExp])[] = [
    [['--port', 'x'], 2, /--port wants a number/],
    [['--port', '70000'], 2, /--port wants a number/],
    [['--upstream', 'ftp://a'], 2, /--upstream wants an http/],
    [['--upstream', 'http://a/path'], 2, /--upstream wants an http/],
    [['--nonsense'], 2, /Unknown option '--nonsense'/],
    [['--help'], 0, /Usage: npm start/],
  ]
  for (const [args, code, text] of cases) {
    const started = await runStart(t, folder, { args })
    t.equal(await started.exit, code, args.join(' '))
    t.match(started.output(), text)
  }
})

async function preparedPython(t: Test): Promise<string | null> {
  const found = await preparePython()
  if (found.kind === 'found') return found.python
  console.error(`SKIPPED: ${found.reason}`)
  if (process.env['CI'] === 'true') t.fail(found.reason)
  else t.pass('no Python', { skip: found.reason })
  return null
}

async function whenOpen(
  started: Started,
): Promise<{ readonly url: string; readonly email: string; readonly password: string }> {
  await started.until(/Ctrl-C/)
  const output = started.output()
  const [, url = ''] = /Open +(\S+)/.exec(output) ?? []
  const [, email = '', password = ''] = /Demo account +(\S+) +(\S+)/.exec(output) ?? []
  return { url, email, password }
}

function fastApiOf(started: Started): string {
  return /fastapi +running on (\S+)/.exec(started.output())?.[1] ?? ''
}

async function signIn(url: string, email: string, password: string): Promise<string> {
  const response = await fetch(`${url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email, password }),
  })
  if (response.status !== 200) throw new Error(`sign-in: ${await response.text()}`)
  return response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
}

async function checkSignedIn(t: Test, url: string, cookie: string): Promise<void> {
  const get = async (path: string, headers: Record<string, string>): Promise<unknown> =>
    (await fetch(url + path, { headers })).json()
  const session = (await get('/_gateway/session', { cookie })) as { user: { id: string } }
  const { id } = session.user
  const known = { id, from_header: id, claims: { sub: id } }
  t.match(await get('/api/me', { cookie }), known, 'with the cookie')
  const spoofed = { cookie, 'x-user-id': 'someone-else' }
  t.match(await get('/api/me', spoofed), known, 'with somebody else’s X-User-Id')
  const token = await fetch(`${url}/_gateway/token`, {
    method: 'POST',
    headers: { cookie, origin: url },
  })
  const { access_token: bearer } = (await token.json()) as { access_token: string }
  t.match(await get('/api/me', { authorization: `Bearer ${bearer}` }), known, 'with a token')
}

async function checkRefusals(t: Test, url: string): Promise<void> {
  const refused = await fetch(`${url}/api/me`)
  t.equal(refused.status, 401)
  t.match(await refused.json(), { code: 'credential_missing', action: 'login' })
  const page = await fetch(url)
  t.equal(page.status, 200)
  t.match(await page.text(), /<div id="root">/)
}

async function endsCleanly(t: Test, started: Started, signal: NodeJS.Signals): Promise<void> {
  const upstream = fastApiOf(started)
  started.child.kill(signal)
  t.equal(await started.exit, 0, signal)
  if (upstream !== '') t.notOk(await answers(upstream), 'FastAPI has gone')
  // The gateway's log is JSON lines; whatever else it prints is meant for people.
  const said = started
    .output()
    .split('\n')
    .filter((line) => !line.includes('{"level"'))
  t.notMatch(said.join('\n'), /Traceback|Error|^ +at /m)
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  )
}

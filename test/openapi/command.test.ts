import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { minimal, run } from '../cli/run.ts'
import { startFastApi } from '../fastapi/python.ts'

const demo = readFileSync(join(import.meta.dirname, 'fixtures/demo.json'), 'utf8')
const open = minimal.replace('upstream: api }', 'upstream: api, auth: none }')

async function serve(t: Test, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

t.test('an operation that is open and not on the list fails, in every format', async (t) => {
  const folder = t.testdir({
    'gateway.config.yaml': open,
    'openapi.json': demo,
    'public.txt': 'GET /api/todos\nGET /api/gone\nPOST /api/todos\nGET /api/events\nGET /api/me\n',
  })
  const audit = ['audit', '--openapi', 'openapi.json', '--public', 'public.txt']
  const text = await run(folder, audit, {})
  t.equal(text.code, 1)
  t.match(text.out, 'PATCH /api/todos/{todo_id} is public and not in public.txt\n')
  t.match(text.out, 'public.txt: GET /api/gone is not open any more\n')
  const json = await run(folder, [...audit, '--format', 'json'])
  t.match(JSON.parse(json.out), {
    rows: [{ method: 'GET', path: '/api/todos', of: null, state: 'public', by: '', route: 'api' }],
    unused: [],
    list: { missing: [{ method: 'PATCH' }, { method: 'DELETE' }, {}], stale: ['GET /api/gone'] },
  })
  const github = await run(folder, [...audit, '--format', 'github'])
  t.match(
    github.out,
    '::error file=gateway.config.yaml,title=sallyport audit::POST /api/uploads is public and not in public.txt\n',
  )
  t.match(github.out, /^::warning file=public\.txt,/m)
  t.match(await run(folder, [...audit, '--write']), { code: 0 })
  t.match(await run(folder, audit), { code: 0 })
})

t.test('the upstream is asked as a browser would ask it', async (t) => {
  const hosts: (string | undefined)[] = []
  const url = await serve(t, (request, response) => {
    hosts.push(request.headers.host)
    if (request.url === '/openapi.json') response.end(demo)
    else response.writeHead(302, { location: '/openapi.json' }).end()
  })
  const folder = t.testdir({
    'gateway.config.yaml': minimal
      .replace('http://127.0.0.1:9', url)
      .replace('server: {', "server: { publicUrl: 'https://app.test',"),
  })
  t.match(await run(folder, ['audit']), { code: 0, out: /^protected +GET +\/api\/todos +api/m })
  t.strictSame(hosts, ['app.test'])
  t.match(await run(folder, ['audit', '--openapi', `${url}/docs`]), {
    code: 1,
    err: `${url}/docs: answers 302; name another place with --openapi\n`,
  })
})

t.test('what cannot be read is said in one sentence', async (t) => {
  const folder = t.testdir({ 'gateway.config.yaml': minimal, 'x.json': '{}' })
  const audit = async (...args: string[]) => {
    const { code, err } = await run(folder, ['audit', ...args])
    return `${String(code)} ${err.trim()}`
  }
  t.equal(await audit(), '1 http://127.0.0.1:9/openapi.json: ECONNREFUSED')
  t.equal(await audit('--openapi', 'x.json'), '1 x.json is no OpenAPI 3 document in JSON')
  t.equal(await audit('--openapi', 'nowhere'), '1 nowhere cannot be read: ENOENT')
  t.equal(await audit('--upstream', 'web'), '1 there is no upstream web')
  t.equal(await audit('--write'), '2 --write needs --public: which list?')
  const endless = await serve(t, (_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(1 << 20)));
    }
    response.on('drain', more)
    more()
  })
  t.equal(await audit('--openapi', endless), `1 ${endless}: larger than 20 MB`)
})

t.test('init makes a configuration of a document, and none where there is one', async (t) => {
  const folder = t.testdir({ 'openapi.json': demo, bad: {} })
  const init = ['init', '--openapi', 'openapi.json']
  t.match(await run(folder, init, {}), { code: 0, out: /read what it says of each route/ })
  t.match(await run(folder, ['check', '--strict'], {}), { code: 0, out: /ok, 3 routes/ })
  const before = readFileSync(join(folder, 'gateway.config.yaml'), 'utf8')
  t.match(await run(folder, init, {}), { code: 1, out: /stays as it is/ })
  t.equal(readFileSync(join(folder, 'gateway.config.yaml'), 'utf8'), before)
  const bad = join(folder, 'bad')
  t.match(await run(bad, ['init', '--openapi', 'nowhere.json'], {}), { code: 1 })
  t.notOk(existsSync(join(bad, '.env')), 'a document that is none leaves nothing behind')
})

const app = await startFastApi(t)
if (app !== null) {
  t.test('a real FastAPI is read as the committed document of the demo says', async (t) => {
    const folder = t.testdir({})
    const at = `${app.url}/openapi.json`
    t.match(await run(folder, ['init', '--openapi', at], {}), { code: 0 })
    t.match(readFileSync(join(folder, 'gateway.config.yaml'), 'utf8'), app.url)
    const { code, out } = await run(folder, ['audit', '--format', 'json'], {})
    t.equal(code, 0)
    const { rows } = JSON.parse(out) as { readonly rows: readonly { readonly path: string }[] }
    const paths = Object.keys((JSON.parse(demo) as { readonly paths: object }).paths)
    t.strictSame([...new Set(rows.map(({ path }) => path))], paths)
    t.match(rows, [{ state: 'protected', route: 'api' }])
  })
}

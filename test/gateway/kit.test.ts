import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { gunzipSync } from 'node:zlib'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { request } from 'undici'
import { minimal, root, secrets } from '../cli/run.ts'
import { startBackend } from '../helper/backend.ts'
import { host, startGateway } from '../helper/gateway.ts'
import { bareEnv } from '../helper/program.ts'

const path = '/_gateway/client.js'

t.test('the kit is served to everybody, and asked for anew each time', async (t) => {
  const gateway = await startGateway(t, { upstream: (await startBackend(t)).url })
  const built = readFileSync(join(root, 'dist/client/client.min.js'), 'utf8')
  const reply = await gateway.request(path, { headers: { cookie: 'better-auth.session_token=x' } })
  t.equal(reply.status, 200)
  t.equal(reply.text, built)
  t.match(reply.headers, {
    'content-type': 'text/javascript; charset=utf-8',
    'content-length': String(Buffer.byteLength(built)),
    'cache-control': 'public, no-cache',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    etag: /^"[\w-]{43}"$/,
  })
  t.equal(reply.headers['set-cookie'], undefined)
  const head = await gateway.request(path, { method: 'HEAD' })
  t.match(head, { status: 200, text: '', headers: { etag: reply.headers['etag'] } })
  t.equal(head.headers['content-length'], reply.headers['content-length'])
  for (const method of ['POST', 'PUT', 'DELETE'] as const) {
    const other = await gateway.request(path, { method })
    t.match(other, { status: 405, headers: { allow: 'GET, HEAD' } }, method)
  }
})

t.test('a browser that has it already gets nothing', async (t) => {
  const gateway = await startGateway(t, { upstream: (await startBackend(t)).url })
  const etag = String((await gateway.request(path)).headers['etag'])
  for (const method of ['GET', 'HEAD'] as const) {
    for (const condition of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const reply = await gateway.request(path, { method, headers: { 'if-none-match': condition } })
      t.match(reply, { status: 304, text: '', headers: { etag, 'cache-control': /no-cache/ } })
      t.equal(reply.headers['content-type'], undefined)
    }
  }
  for (const condition of ['"other"', etag.slice(1, -1), '', `${etag}x`]) {
    const reply = await gateway.request(path, { headers: { 'if-none-match': condition } })
    t.equal(reply.status, 200, condition)
  }
})

t.test('whoever takes gzip gets that', async (t) => {
  const gateway = await startGateway(t, { upstream: (await startBackend(t)).url })
  const plain = await fetchKit(gateway.url, '')
  for (const accepted of ['gzip', 'br, gzip;q=0.5', 'GZIP ; q=1.000', 'deflate,gzip']) {
    const { headers, body } = await fetchKit(gateway.url, accepted)
    t.match(headers, { 'content-encoding': 'gzip', vary: 'accept-encoding' }, accepted)
    t.not(headers['etag'], plain.headers['etag'])
    t.equal(gunzipSync(body).toString(), plain.body.toString())
    t.ok(body.length < plain.body.length / 2)
  }
  for (const accepted of ['', 'br', 'gzip;q=0', 'gzip;q=0.000', 'x-gzip']) {
    const { headers, body } = await fetchKit(gateway.url, accepted)
    t.equal(headers['content-encoding'], undefined, accepted)
    t.equal(headers['vary'], 'accept-encoding')
    t.same(body, plain.body)
  }
})

async function fetchKit(
  url: string,
  accepted: string,
): Promise<{ headers: Record<string, string | string[] | undefined>; body: Buffer }> {
  const headers = { host, ...(accepted === '' ? {} : { 'accept-encoding': accepted }) }
  const answer = await request(url + path, { headers })
  return { headers: answer.headers, body: Buffer.from(await answer.body.arrayBuffer()) }
}

/** A checkout in which nothing has been built, and a gateway that runs in it. */
async function startUnbuilt(t: Test): Promise<{ url: string; lines: readonly string[] }> {
  const folder = t.testdir({ app: { 'gateway.config.yaml': minimal } })
  cpSync(join(root, 'src'), join(folder, 'src'), { recursive: true })
  cpSync(join(root, 'package.json'), join(folder, 'package.json'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  mkdirSync(join(folder, 'dist'))
  writeFileSync(join(folder, 'dist/old.js'), '')
  const child = spawn(process.execPath, [join(folder, 'src/sallyport.js'), 'start'], {
    cwd: join(folder, 'app'),
    env: { ...bareEnv, ...secrets },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    const { msg, listen } = JSON.parse(line) as { readonly msg: string; readonly listen: string }
    if (msg === 'listening') return { url: listen, lines }
  }
  throw new Error(`the gateway has ended: ${lines.join('\n')}`)
}

t.test('without it the gateway serves all the same, and says what is missing', async (t) => {
  const { url, lines } = await startUnbuilt(t)
  const wanted = lines.filter((line) => line.includes('run `npm run build`'))
  t.equal(wanted.length, 1, lines.join('\n'))
  t.match(wanted[0], '"level":40')
  // The name of a `publicUrl` that was left out.
  const headers = { host: 'localhost:8080' }
  const reply = await request(`${url}${path}`, { headers })
  t.equal(reply.statusCode, 404)
  t.equal(reply.headers['content-type'], 'application/problem+json')
  t.match(await reply.body.json(), { status: 404, code: 'route_not_found', action: 'none' })
  const session = await request(`${url}/_gateway/session`, { headers })
  t.same(await session.body.json(), { authenticated: false })
})

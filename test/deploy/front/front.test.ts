import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { request, type RequestOptions } from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { signUp } from '../../helper/gateway.ts'
import { kinds, startFronted, type Fronted } from './proxies.ts'

/** An address that the gateway does not trust, as browsers have one. */
const localAddress = '127.9.0.2'

function connection({ port, ca }: Fronted): RequestOptions {
  return { host: '127.0.0.1', port, ca, servername: 'app.test', localAddress, agent: false }
}

function begin(
  fronted: Fronted,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): ReturnType<typeof request> {
  const sent = { host: 'app.test', ...headers }
  return request({ ...connection(fronted), path, method, headers: sent })
}

async function answerOf(sent: ReturnType<typeof request>): Promise<{
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
}> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  response.setEncoding('utf8')
  let text = ''
  for await (const piece of response) text += piece as string
  return { status: response.statusCode ?? 0, headers: response.headers, text }
}

function ask(
  fronted: Fronted,
  path: string,
  headers: Record<string, string> = {},
): ReturnType<typeof answerOf> {
  return answerOf(begin(fronted, path, headers).end())
}

for (const kind of kinds) {
  t.test(`${kind.program} with deploy/${kind.file} in front`, async (t) => {
    const fronted = await startFronted(t, kind)
    if (fronted === null) return
    await t.test('who is calling is known, and a forged address dies', (t) => addresses(t, fronted))
    await t.test('what was judged is what arrives', (t) => paths(t, fronted))
    await t.test('an event arrives when it is sent', (t) => events(t, fronted))
    await t.test('an upload leaves as it comes', (t) => uploads(t, fronted))
    await t.test('WebSocket messages go both ways', (t) => messages(t, fronted))
    await t.test('HTTP/2, with its cookies in pieces', (t) => http2(t, fronted))
    await t.test('without TLS there is only the way to it', async (t) => {
      const plain = `http://127.0.0.1:${fronted.plainPort}/open/x`
      const reply = await fetch(plain, { redirect: 'manual', headers: { host: 'app.test' } })
      t.ok([301, 308].includes(reply.status))
      t.match(reply.headers.get('location'), /^https:\/\//)
    })
  })
}

async function addresses(t: Test, fronted: Fronted): Promise<void> {
  const { upstream, gateway } = fronted
  const forged = {
    'x-forwarded-for': '6.6.6.6',
    'x-real-ip': '6.6.6.6',
    forwarded: 'for=6.6.6.6',
    'x-forwarded-host': 'evil.test',
    'x-forwarded-proto': 'http',
    'x-user-id': 'admin',
  }
  t.equal((await ask(fronted, '/open/x', forged)).status, 200)
  const { headers } = upstream.seen.at(-1)!
  t.match(headers['x-forwarded-for'], new RegExp(`^${localAddress}(?:, 127\\.0\\.0\\.1)?$`))
  t.match(headers, {
    host: 'app.test',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'app.test',
  })
  t.notMatch(JSON.stringify(headers), /6\.6\.6\.6|evil|admin/)
  const { cookie, id } = await signUp(gateway)
  t.match(cookie, /^__Host-/)
  t.equal((await ask(fronted, '/api/x', { ...forged, cookie })).status, 200)
  t.equal(upstream.seen.at(-1)?.headers['x-user-id'], id)
  const refused = await ask(fronted, '/api/x')
  t.match(refused, { status: 401, headers: { 'x-sallyport-code': 'credential_missing' } })
}

async function paths(t: Test, fronted: Fronted): Promise<void> {
  const { upstream } = fronted
  for (const path of ['/open/x?a=%2f+b&c=%c3%a4', '/open/a%20b', '/open/%C3%A4']) {
    t.equal((await ask(fronted, path)).status, 200, path)
    t.equal(upstream.seen.at(-1)?.url, path)
  }
  const before = upstream.seen.length
  for (const path of [
    ...['/open/../api/x', '/open/%2e%2e/api/x', '/open/..%2fapi/x', '/open//x', '//api/x'],
    ...['/open/./x', '/open/%61', '/open/x;y', '/open/a%5Cb'],
  ]) {
    const { status } = await ask(fronted, path)
    t.ok(status >= 400 && status < 500, `${path} ${status}`)
  }
  t.equal(upstream.seen.length, before, 'and FastAPI has seen none of these')
}

async function events(t: Test, fronted: Fronted): Promise<void> {
  const sent = begin(fronted, '/open/events', { accept: 'text/event-stream' }).end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  response.setEncoding('utf8')
  const [first] = (await once(response, 'data')) as [string]
  t.equal(first, 'data: first\n\n', 'before there is a second')
  // Asked for before: it can come with the last event, in the same turn.
  const ended = once(response, 'end')
  fronted.upstream.tell('second')
  const [second] = (await once(response, 'data')) as [string]
  t.equal(second, 'data: second\n\n')
  await ended
}

async function uploads(t: Test, fronted: Fronted): Promise<void> {
  const [one, two] = [randomBytes(4_000_000), randomBytes(16_000_000)]
  const length = String(one.length + two.length)
  const sent = begin(fronted, '/open/upload', { 'content-length': length }, 'POST')
  sent.write(one)
  for (let patience = 1000; fronted.upstream.uploaded() === 0 && patience > 0; patience -= 1)
    await pause(10)
  t.ok(fronted.upstream.uploaded() > 0, 'before it has been sent')
  const reply = answerOf(sent)
  sent.end(two)
  const { text, status } = await reply
  t.equal(status, 200)
  const sha256 = createHash('sha256').update(one).update(two).digest('hex')
  t.match(JSON.parse(text), { bytes: Number(length), sha256 })
}

async function messages(t: Test, fronted: Fronted): Promise<void> {
  const { port, ca } = fronted
  const socket = new WebSocket(`wss://127.0.0.1:${port}/open/live`, {
    ...{ ca, servername: 'app.test', localAddress },
    headers: { host: 'app.test' },
  })
  t.teardown(() => {
    socket.terminate()
  })
  await once(socket, 'open')
  socket.send('hello')
  const [data] = (await once(socket, 'message')) as [Buffer]
  t.equal(data.toString(), 'heard hello')
  socket.close(1000)
  const [code] = (await once(socket, 'close')) as [number]
  t.equal(code, 1000)
}

async function http2(t: Test, fronted: Fronted): Promise<void> {
  const { port, ca, upstream } = fronted
  const client = connectHttp2(`https://127.0.0.1:${port}`, {
    ...{ ca, servername: 'app.test', localAddress },
  })
  t.teardown(() => {
    client.destroy()
  })
  const stream = client.request({
    ':path': '/open/x',
    ':authority': 'app.test',
    cookie: ['a=1', 'b=2'],
  })
  const [headers] = (await once(stream, 'response')) as [{ ':status': number }]
  t.equal(headers[':status'], 200)
  t.equal(upstream.seen.at(-1)?.headers.cookie, 'a=1; b=2')
  stream.close()
}

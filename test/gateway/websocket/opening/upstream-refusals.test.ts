import { once } from 'node:events'
import type { Socket } from 'node:net'
import t from 'tap'
import { closedPort } from '../../../helper/backend.ts'
import { origin, signUp, startGateway } from '../../../helper/gateway.ts'
import { closeOf, startSocketBackend } from '../backend.ts'
import { begin, refusalOf, routes, until } from '../client.ts'

/** A backend that answers every handshake with these bytes. */
async function startRefusing(
  t: Parameters<typeof startSocketBackend>[0],
  answer: string | ((socket: Socket) => void),
): ReturnType<typeof startSocketBackend> {
  return startSocketBackend(t, {
    onUpgrade: (_request, socket) => {
      if (typeof answer === 'string') socket.end(answer)
      else answer(socket)
    },
  })
}

const forbidden =
  'HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nServer: uvicorn\r\nX-Why: full\r\nX-User-Id: admin\r\nContent-Length: 17\r\n\r\n{"detail":"full"}'

t.test("FastAPI's refusal is passed on as the HTTP that it is, to browsers too", async (t) => {
  const backend = await startRefusing(t, forbidden)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const { cookie } = await signUp(gateway)
  const refused = await refusalOf(begin(t, gateway, '/live/x', { headers: { origin, cookie } }))
  t.match(refused, {
    status: 403,
    headers: { 'content-type': 'application/json', 'x-why': 'full', connection: 'close' },
    text: '{"detail":"full"}',
  })
  t.notOk(refused.headers['x-user-id'])
  t.notOk(refused.headers['server'])
  await until(() => backend.open() === 0)
})

t.test(
  'its 401 is explained where we vouched for the caller, and passed where we did not',
  async (t) => {
    const detail = '{"detail":"Could not validate credentials"}'
    const backend = await startRefusing(
      t,
      `HTTP/1.1 401 Unauthorized\r\nContent-Length: ${detail.length}\r\n\r\n${detail}`,
    )
    const passing = `
  - { name: pass, match: { path: /pass/* }, upstream: api, websocket: true, upstream401: pass }`
    const gateway = await startGateway(t, { upstream: backend.url, routes: routes + passing })
    const { cookie } = await signUp(gateway)
    const explained = begin(t, gateway, '/live/x', { headers: { cookie, origin } })
    t.strictSame(await closeOf(explained), { code: 3000, reason: 'upstream_unauthorized' })
    t.ok(gateway.log.some(({ msg }) => /compare JWT_SECRET/.test(String(msg))))
    for (const [path, headers] of [
      ['/open/x', {}],
      ['/pass/x', { cookie, origin }],
    ] as const) {
      t.match(await refusalOf(begin(t, gateway, path, { headers })), { status: 401, text: detail })
    }
  },
)

t.test('a body without a length arrives whole, or visibly cut', async (t) => {
  const head = 'HTTP/1.1 418 Teapot\r\nTransfer-Encoding: chunked\r\n\r\n'
  const whole = await startRefusing(t, `${head}5\r\nshort\r\n6\r\n stout\r\n0\r\n\r\n`)
  const first = await startGateway(t, { upstream: whole.url, routes })
  t.match(await refusalOf(begin(t, first, '/open/x')), { status: 418, text: 'short stout' })

  const cut = await startRefusing(t, `${head}5\r\nshort\r\n6\r\n st`)
  const second = await startGateway(t, { upstream: cut.url, routes })
  await t.rejects(refusalOf(begin(t, second, '/open/x')), 'the end is missing, and seen to be')

  const endless = await startRefusing(t, (socket) => {
    const piece = Buffer.alloc(65_536, 'x')
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    const fill = (): void => {
      while (socket.writable && socket.write(piece));
    }
    socket.on('drain', fill)
    fill()
  })
  const third = await startGateway(t, { upstream: endless.url, routes })
  await t.rejects(refusalOf(begin(t, third, '/open/x')), 'no refusal is that long')
  await until(() => endless.open() === 0)
})

t.test('an answer that is no HTTP, or no 101 of this handshake, is a 502', async (t) => {
  for (const answer of [
    'SSH-2.0-OpenSSH\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n',
  ]) {
    const backend = await startRefusing(t, answer)
    const gateway = await startGateway(t, { upstream: backend.url, routes })
    const refused = await refusalOf(begin(t, gateway, '/open/x'))
    t.match(refused, { status: 502, text: /"upstream_invalid"/ })
    await until(() => backend.open() === 0)
  }
})

t.test('a FastAPI that is away is a 502, and another target is tried first', async (t) => {
  const backend = await startSocketBackend(t)
  const away = await closedPort()
  const single = `  api: { url: "${away}", maxInFlight: 1 }`
  const counted = `
  - { name: counted, match: { path: /counted/* }, upstream: api, auth: none, websocket: true, rateLimit: { requests: 9, per: 1m, by: ip } }`
  const gateway = await startGateway(t, { upstream: single, routes: routes + counted })
  const limited = await refusalOf(begin(t, gateway, '/counted/x'))
  t.match(limited, { status: 502, headers: { 'ratelimit-limit': '9' } }, 'what the road found out')
  for (let count = 0; count < 2; count += 1) {
    const refused = await refusalOf(begin(t, gateway, '/open/x', { headers: { origin } }))
    t.match(refused, { status: 502, text: /"upstream_unreachable"/ })
    t.notMatch(refused.text, /127\.0\.0\.1/)
  }

  const both = `  api: { targets: ["${away}", "${backend.url}"], retry: { attempts: 1 } }`
  const second = await startGateway(t, { upstream: both, routes })
  for (let count = 0; count < 4; count += 1) {
    await once(begin(t, second, '/open/x'), 'open')
  }
})

t.test('a FastAPI that does not answer a handshake is a 504 in time', async (t) => {
  const backend = await startRefusing(t, () => undefined)
  const upstream = `  api: { url: "${backend.url}", timeout: { firstByte: 150ms } }`
  const gateway = await startGateway(t, { upstream, routes })
  const started = performance.now()
  const refused = await refusalOf(begin(t, gateway, '/open/x'))
  t.match(refused, { status: 504, text: /"upstream_timeout"/ })
  t.ok(performance.now() - started < 1000)
  await until(() => backend.open() === 0)
})

t.test('a client that leaves while FastAPI is asked leaves nothing behind', async (t) => {
  const backend = await startRefusing(t, () => undefined)
  const upstream = `  api: { url: "${backend.url}", maxInFlight: 1 }`
  const gateway = await startGateway(t, { upstream, routes })
  for (const leave of ['end', 'resetAndDestroy'] as const) {
    const client = begin(t, gateway, '/open/x')
    await until(() => backend.open() === 1)
    t.match(await refusalOf(begin(t, gateway, '/open/x')), { status: 503, text: /"overloaded"/ })
    const [socket] = [client].map((each) => Reflect.get(each, '_req') as { socket: Socket })
    socket?.socket[leave]()
    await until(() => backend.open() === 0)
  }
  t.match(await refusalOf(begin(t, gateway, '/nowhere')), { status: 404 })
})

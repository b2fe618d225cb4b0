import { once } from 'node:events'
import t from 'tap'
import { origin, signUp, startGateway } from '../../../helper/gateway.ts'
import { goodClaims, mint } from '../../../helper/token.ts'
import { closeOf, startSocketBackend } from '../backend.ts'
import { begin, connectRaw, frame, handshake, refusalOf, routes } from '../client.ts'

t.test('a browser that may not come in reads why in a close frame', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const { cookie } = await signUp(gateway)
  const expired = mint(goodClaims({ exp: Math.floor(Date.now() / 1000) - 60 }))
  for (const [headers, closed] of [
    [{ origin }, { code: 3000, reason: 'credential_missing' }],
    [
      { origin, authorization: `Bearer ${expired}` },
      { code: 3000, reason: 'token_expired' },
    ],
    [
      { origin: 'https://evil.test', cookie },
      { code: 3003, reason: 'origin_rejected' },
    ],
  ] as const) {
    const protocols = ['chat.v1', 'chat.v2']
    const client = begin(t, gateway, '/live/x', { headers, protocols })
    const end = closeOf(client)
    await once(client, 'open')
    t.equal(client.protocol, 'chat.v1', 'a browser fails a handshake that answers none')
    t.strictSame(await end, closed)
  }
  t.equal(backend.open(), 0)
})

t.test(
  'everybody else gets the HTTP refusal, and so does a browser where signing in does not help',
  async (t) => {
    const backend = await startSocketBackend(t)
    const gateway = await startGateway(t, { upstream: backend.url, routes })
    const program = await refusalOf(begin(t, gateway, '/live/x'))
    t.match(program, {
      status: 401,
      headers: {
        'content-type': 'application/problem+json',
        'www-authenticate': /^Bearer realm=/,
        'cache-control': 'no-store',
        connection: 'close',
      },
    })
    t.match(JSON.parse(program.text), { code: 'credential_missing', action: 'login' })
    const nowhere = await refusalOf(begin(t, gateway, '/nowhere', { headers: { origin } }))
    t.match(nowhere, { status: 404, text: /"route_not_found"/ })
    const http = `${routes}\n  - { name: http, match: { path: /http/* }, upstream: api }`
    const other = await startGateway(t, { upstream: backend.url, routes: http })
    const plain = await refusalOf(begin(t, other, '/http/x', { headers: { origin } }))
    t.match(plain, { status: 400, text: /"upgrade_not_allowed"/ })
  },
)

t.test('a handshake that is none is refused, and says which version we speak', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const good = handshake('/open/x')
  for (const [bad, answer] of [
    [good.replace('Version: 13', 'Version: 8'), /^HTTP\/1.1 400 [^]*sec-websocket-version: 13/],
    [good.replace(/Sec-WebSocket-Version.*\r\n/, ''), /^HTTP\/1.1 400 [^]*request_malformed/],
    [good.replace(/Sec-WebSocket-Key.*\r\n/, ''), /^HTTP\/1.1 400 [^]*request_malformed/],
    [good.replace('dGhl', 'd'), /^HTTP\/1.1 400 [^]*request_malformed/],
    [handshake('/open/x', ['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']), /^HTTP\/1.1 400 /],
    [
      handshake('/open/x', ['Sec-WebSocket-Protocol: a, a']),
      /^HTTP\/1.1 400 [^]*request_malformed/,
    ],
    [handshake('/open/x', ['Sec-WebSocket-Protocol: a b']), /^HTTP\/1.1 400 [^]*request_malformed/],
    [good.replace('websocket', 'websocket, h2c'), /^HTTP\/1.1 400 [^]*upgrade_not_allowed/],
    [good.replace('HTTP/1.1', 'HTTP/1.0'), /^HTTP\/1.1 400 /],
    [good.replace('GET', 'POST'), /^HTTP\/1.1 400 /],
  ] as const) {
    t.match(await gateway.raw(bad), answer)
  }
  t.equal(backend.open(), 0)
})

t.test('a browser whose handshake is none is refused as HTTP', async (t) => {
  const gateway = await startGateway(t, { upstream: 'http://127.0.0.1:1', routes })
  const request = handshake('/live/x', [`Origin: ${origin}`]).replace('Version: 13', 'Version: 8')
  t.match(await gateway.raw(request), /^HTTP\/1.1 401 [^]*credential_missing/)
})

t.test('a client that was refused and stays connected is cut', async (t) => {
  const gateway = await startGateway(t, { upstream: 'http://127.0.0.1:1', routes })
  for (const lines of [[], [`Origin: ${origin}`]]) {
    const client = await connectRaw(t, gateway, handshake('/live/x', lines))
    // It neither closes nor answers, and learns from the reset of what it still writes that nobody is there.
    client.socket.allowHalfOpen = true
    const writing = setInterval(() => client.socket.write(frame(0x8a)), 100)
    const started = performance.now()
    await client.closed
    clearInterval(writing)
    t.ok(performance.now() - started < 4000)
  }
})

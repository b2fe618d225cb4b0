import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import t from 'tap'
import { origin, signUp, startGateway } from '../../../helper/gateway.ts'
import { goodClaims, mint } from '../../../helper/token.ts'
import { startSocketBackend } from '../backend.ts'
import {
  begin,
  connect,
  connectRaw,
  handshake,
  nextMessage,
  refusalOf,
  routes,
  until,
} from '../client.ts'

t.test('FastAPI gets the identity that HTTP gets, and nothing that a client made up', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const { id, cookie } = await signUp(gateway)
  await connect(t, gateway, '/live/x', {
    headers: {
      cookie: `${cookie}; theme=dark`,
      origin,
      'X-User-Id': 'admin',
      x_user_id: 'admin',
      'X-Forwarded-For': '203.0.113.9, 198.51.100.7',
      'X-Request-Id': 'my-request-1',
      'Idempotency-Key': 'kept',
    },
  })
  const { headers, rawHeaders } = (await backend.arrival()).request
  t.match(headers, {
    host: 'app.test',
    origin,
    cookie: 'theme=dark',
    'x-user-id': id,
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'app.test',
    'x-request-id': 'my-request-1',
    'idempotency-key': 'kept',
    authorization: /^Bearer /,
    'sec-websocket-version': '13',
  })
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
  t.equal(names.filter((name) => name === 'x-user-id').length, 1)
  t.notOk(names.includes('x_user_id'))
  t.notOk(names.includes('sec-websocket-extensions'), 'compression is not offered')
})

t.test('a foreign token comes along as it is, on HTTP and on WebSocket', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const authorization = `Bearer ${mint(goodClaims())}`
  await connect(t, gateway, '/live/x', { headers: { authorization } })
  t.match((await backend.arrival()).request.headers, { authorization, 'x-user-id': 'user-1' })
})

t.test('path and query reach FastAPI byte for byte', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  for (const target of ['/open/a%20b/%C3%BC', `/open/x?a='b'&c="|{}^\`%2f..//`]) {
    const socket = begin(t, gateway, '/', {
      finishRequest: (request) => {
        request.path = target
        request.end()
      },
    })
    await once(socket, 'open')
    t.equal((await backend.arrival()).request.url, target)
  }
})

t.test('the client is let in only once FastAPI has said yes', async (t) => {
  const asked = Promise.withResolvers<() => void>()
  const backend = await startSocketBackend(t, {
    onUpgrade: (_request, _socket, accept) => {
      asked.resolve(accept)
    },
  })
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const client = begin(t, gateway, '/open/x')
  let isOpen = false
  client.on('open', () => (isOpen = true))
  const accept = await asked.promise
  await gateway.request('/nowhere')
  t.notOk(isOpen)
  accept()
  await until(() => isOpen)
})

t.test('subprotocols are offered as they came, and the choice is FastAPI’s', async (t) => {
  let choice: string | false = false
  const backend = await startSocketBackend(t, { handleProtocols: () => choice })
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  choice = 'chat.v2'
  const client = await connect(t, gateway, '/open/x', { protocols: ['chat.v1', 'chat.v2'] })
  t.equal(client.protocol, 'chat.v2')
  t.equal((await backend.arrival()).request.headers['sec-websocket-protocol'], 'chat.v1, chat.v2')

  choice = false
  const offer = handshake('/open/x', ['Sec-WebSocket-Protocol: chat.v1'])
  const { head } = await connectRaw(t, gateway, offer)
  t.match(head, /^HTTP\/1\.1 101 /, 'RFC 6455 §4.2.2: choosing none is an answer too')
  t.notMatch(head, /sec-websocket-protocol/i)

  choice = 'chat.v3'
  const wrong = begin(t, gateway, '/open/x', { protocols: ['chat.v1'] })
  t.match(await refusalOf(wrong), { status: 502, text: /"upstream_invalid"/ })
})

t.test("the headers of FastAPI's 101 arrive, except those that are ours", async (t) => {
  const backend = await startSocketBackend(t, {
    headers: [
      'Set-Cookie: room=7; Path=/',
      'Set-Cookie: better-auth.session_token=forged',
      'X-Room: caf\u00e9',
      'X-User-Id: admin',
      'Server: uvicorn',
    ],
  })
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const client = begin(t, gateway, '/open/x', { headers: { 'x-request-id': 'my-request-2' } })
  const [{ headers }] = (await once(client, 'upgrade')) as [IncomingMessage]
  t.match(headers, { 'set-cookie': ['room=7; Path=/'], 'x-request-id': 'my-request-2' })
  t.notOk(headers['x-user-id'])
  t.notOk(headers['server'])
  t.equal(headers['x-room'], Buffer.from('caf\u00e9').toString('latin1'), 'byte for byte')
})

t.test('who may not come in is never announced to FastAPI', async (t) => {
  let handshakes = 0
  const backend = await startSocketBackend(t, {
    onUpgrade: (_request, _socket, accept) => {
      handshakes += 1
      accept()
    },
  })
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const { cookie } = await signUp(gateway)
  const nobody = begin(t, gateway, '/live/x')
  t.match(await refusalOf(nobody), { status: 401, text: /"credential_missing"/ })
  const foreign = begin(t, gateway, '/live/x', { headers: { cookie, origin: 'https://evil.test' } })
  await once(foreign, 'close')
  t.equal(handshakes, 0)
  t.equal((await gateway.request('/live/x', { headers: { cookie } })).status, 200)
})

t.test('frames that come with the handshake are not lost', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const early = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]).toString('latin1')
  await connectRaw(t, gateway, handshake('/open/x') + early)
  const { socket } = await backend.arrival()
  t.equal(await nextMessage(socket), 'hi')
})

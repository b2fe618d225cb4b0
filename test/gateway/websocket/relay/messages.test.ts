import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import t from 'tap'
import { startGateway } from '../../../helper/gateway.ts'
import { startSocketBackend } from '../backend.ts'
import { connect, connectRaw, frame, handshake, nextMessage, routes, until } from '../client.ts'

t.test('text and binary messages of every size arrive as they are, in order', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const client = await connect(t, gateway, '/open/echo')
  const sent = [0, 1, 125, 126, 65_535, 65_536, 1_000_000].flatMap((size) => [
    { data: randomBytes(size), isBinary: true },
    { data: Buffer.from('ä€😀x'.repeat(size / 10)), isBinary: false },
  ])
  const received: { data: Buffer; isBinary: boolean }[] = []
  client.on('message', (data, isBinary) => received.push({ data: data as Buffer, isBinary }))
  for (const { data, isBinary } of sent) client.send(data, { binary: isBinary })
  await until(() => received.length === sent.length)
  for (const [index, { data, isBinary }] of received.entries()) {
    t.equal(isBinary, sent[index]?.isBinary)
    t.equal(Buffer.compare(data, sent[index]?.data ?? Buffer.alloc(0)), 0)
  }
})

t.test(
  'fragments are one message, also with a ping between them or a byte at a time',
  async (t) => {
    const backend = await startSocketBackend(t)
    const gateway = await startGateway(t, { upstream: backend.url, routes })
    const { socket } = await connectRaw(t, gateway, handshake('/open/echo'))
    const arrived = await backend.arrival()
    const pinged = once(arrived.socket, 'ping')
    socket.write(Buffer.concat([frame(0x01, 'he'), frame(0x89, 'mid'), frame(0x00, 'll')]))
    t.match(String(((await pinged) as [Buffer])[0]), 'mid', 'it does not wait for the message')
    const message = nextMessage(arrived.socket)
    socket.write(frame(0x80, 'o'))
    t.equal(await message, 'hello')

    const slow = nextMessage(arrived.socket)
    socket.setNoDelay(true)
    for (const byte of frame(0x81, 'slow')) {
      socket.write(Buffer.from([byte]))
      await new Promise((resolve) => setImmediate(resolve))
    }
    t.equal(await slow, 'slow')
  },
)

t.test('pings are answered by who they are for, not on the way', async (t) => {
  const backend = await startSocketBackend(t, { autoPong: false })
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const client = await connect(t, gateway, '/open/echo', { autoPong: false })
  const { socket } = await backend.arrival()
  const pongs: string[] = []
  for (const end of [client, socket]) end.on('pong', (data) => pongs.push(data.toString()))

  const atClient = once(client, 'ping')
  const atBackend = once(socket, 'ping')
  socket.ping('are you there')
  client.ping('and you')
  t.match(String(((await atClient) as [Buffer])[0]), 'are you there')
  t.match(String(((await atBackend) as [Buffer])[0]), 'and you')
  const echo = nextMessage(client)
  client.send('round trip')
  await echo
  t.strictSame(pongs, [], 'nobody has answered')

  client.pong('here')
  await until(() => pongs.length === 1)
  socket.pong('here too')
  await until(() => pongs.length === 2)
  t.strictSame(pongs, ['here', 'here too'])
})

t.test('a route limits messages in both directions', async (t) => {
  const limited = `
  - { name: open, match: { path: /open/* }, upstream: api, auth: none, websocket: { maxMessage: 1KB } }`
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes: limited })
  const client = await connect(t, gateway, '/open/echo')
  const arrived = await backend.arrival()
  const atClient = once(client, 'close')
  client.send(Buffer.alloc(1024))
  client.send(Buffer.alloc(1025))
  t.equal(((await atClient) as [number])[0], 1009)
  t.equal((await arrived.closed).code, 1001, 'FastAPI is told that the client has gone')

  const other = await connect(t, gateway, '/open/echo')
  const atOther = once(other, 'close')
  const sender = await backend.arrival()
  sender.socket.send(Buffer.alloc(1025))
  const [code, reason] = (await atOther) as [number, Buffer]
  t.strictSame([code, reason.toString()], [1011, 'upstream_invalid'])
  t.equal((await sender.closed).code, 1009)
})

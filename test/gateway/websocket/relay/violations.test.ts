import { createHash } from 'node:crypto'
import t from 'tap'
import { startGateway } from '../../../helper/gateway.ts'
import { closeOf, startSocketBackend } from '../backend.ts'
import {
  begin,
  closeCodeIn,
  connectRaw,
  frame,
  handshake,
  nextMessage,
  routes,
  until,
} from '../client.ts'

/** What RFC 6455 forbids a client, with the code that it has to be closed with. */
const violations: readonly [string, number, Buffer][] = [
  ['a frame without a mask (§5.1)', 1002, frame(0x81, 'x', { masked: false })],
  ['a reserved bit (§5.2)', 1002, frame(0xc1, 'x')],
  ['a reserved opcode (§5.2)', 1002, frame(0x83, 'x')],
  ['a continuation of nothing (§5.4)', 1002, frame(0x80, 'x')],
  ['a message inside a message (§5.4)', 1002, Buffer.concat([frame(0x01, 'a'), frame(0x81, 'b')])],
  ['a ping in fragments (§5.5)', 1002, frame(0x09, 'x')],
  ['a ping that is too long (§5.5)', 1002, Buffer.from([0x89, 0xfe, 0x00, 0x7e, 0, 0, 0, 0])],
  ['a close frame with half a code (§5.5.1)', 1002, frame(0x88, Buffer.from([3]))],
  ['a close code that nobody may send (§7.4.1)', 1002, frame(0x88, Buffer.from([0x03, 0xed]))],
  ['text that is no UTF-8 (§8.1)', 1007, frame(0x81, Buffer.from([0xc0, 0xaf]))],
  ['a length beyond every limit', 1009, Buffer.from([0x82, 0xff, 0x7f, ...Buffer.alloc(11)])],
]

t.test('what a client must not send closes it with the code that the RFC says', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  for (const [name, code, bytes] of violations) {
    const client = await connectRaw(t, gateway, handshake('/open/x'))
    const arrived = await backend.arrival()
    client.socket.write(bytes)
    await until(() => closeCodeIn(client.received()) !== null)
    t.equal(closeCodeIn(client.received()), code, name)
    t.equal((await arrived.closed).code, 1001, `FastAPI is told of ${name}`)
    client.socket.destroy()
  }
  await until(() => backend.open() === 0)
})

t.test('many small fragments are no way around the limit', async (t) => {
  const backend = await startSocketBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url, routes })
  const client = await connectRaw(t, gateway, handshake('/open/x'))
  const piece = frame(0x00, Buffer.alloc(100))
  client.socket.write(frame(0x02, 'x'))
  client.socket.write(Buffer.concat(Array.from({ length: 10_500 }, () => piece)))
  await until(() => closeCodeIn(client.received()) !== null)
  t.equal(closeCodeIn(client.received()), 1009)
})

t.test(
  'a FastAPI that breaks the protocol is closed, and the client told that it is not its fault',
  async (t) => {
    for (const bytes of [frame(0x81, 'masked'), Buffer.from([0x83, 0x00])]) {
      const said: Buffer[] = []
      const backend = await startSocketBackend(t, {
        onUpgrade: ({ headers }, socket) => {
          socket.write(switching(headers['sec-websocket-key'] ?? ''))
          socket.write(Buffer.from([0x81, 2, ...Buffer.from('ok')]))
          socket.write(bytes)
          // It does not heed that the connection ends, and talks on until nobody is there.
          socket.removeAllListeners('end')
          const talking = setInterval(() => socket.write(bytes), 20)
          socket.on('close', () => {
            clearInterval(talking)
          })
          socket.on('data', (chunk) => said.push(chunk))
        },
      })
      const gateway = await startGateway(t, { upstream: backend.url, routes })
      const client = begin(t, gateway, '/open/x')
      const message = nextMessage(client)
      const closed = closeOf(client)
      t.equal(await message, 'ok', 'what came before still arrives')
      t.strictSame(await closed, { code: 1011, reason: 'upstream_invalid' })
      await until(() => Buffer.concat(said).length >= 6)
      t.equal(Buffer.concat(said)[0], 0x88)
      await until(() => backend.open() === 0)
    }
  },
)

function switching(key: string): string {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept.digest('base64')}`,
    '',
    '',
  ].join('\r\n')
}

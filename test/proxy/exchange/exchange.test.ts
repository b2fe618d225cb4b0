import { once } from 'node:events'
import t from 'tap'
import { ask, beginExchange, createOwner, stream } from './stage.ts'

t.test('the end of an answer that the client does not read is not kept for ever', async (t) => {
  const { client, reply } = await ask(t)
  client.pause()
  const owner = createOwner(reply)
  const { exchange } = beginExchange(reply, owner, { idleMs: 200, streamIdleMs: 0 })
  exchange.onHead(200, [])
  // More than the sockets on the way can hold.
  exchange.onData(Buffer.alloc(20_000_000))
  exchange.onEnd(null)
  t.same(owner.calls, ['done'], 'FastAPI is done')
  await once(reply, 'close')
  t.notOk(reply.writableFinished)
})

t.test('bytes are copied before the connection overwrites them', async (t) => {
  for (const size of [3, 8192, 8193, 100_000]) {
    const { client, reply } = await ask(t)
    const { exchange } = beginExchange(reply, createOwner(reply))
    const memory = Buffer.alloc(size, 0xe9)
    exchange.onHead(200, ['content-length', String(3 * size), 'connection', 'close'])
    exchange.onData(memory)
    exchange.onData(memory)
    exchange.onEnd(memory)
    memory.fill('x')
    const chunks: Buffer[] = []
    for await (const chunk of client) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString('latin1')
    t.equal(text.slice(text.indexOf('\r\n\r\n') + 4), '\xe9'.repeat(3 * size))
  }
})

t.test('so are those of an answer that is taken over', async (t) => {
  const { reply } = await ask(t)
  const bodies: string[] = []
  const { exchange } = beginExchange(reply, {
    ...createOwner(reply),
    onTakenOver: (body) => bodies.push(body.toString()),
  })
  const memory = Buffer.from('seen')
  exchange.onHead(401, [])
  exchange.onData(memory)
  memory.fill('x')
  exchange.onEnd(null)
  t.strictSame(bodies, ['seen'])
})

t.test('a head whose body takes its time does not wait for it', async (t) => {
  const { client, reply } = await ask(t)
  const { exchange } = beginExchange(reply, createOwner(reply))
  exchange.onHead(200, ['x-name', 'value'])
  exchange.onQuiet()
  const [chunk] = (await once(client, 'data')) as [Buffer]
  t.match(chunk.toString(), /^HTTP\/1\.1 200 OK\r\nx-name: value\r\n/)
})

t.test('an event that ends a stream may come before its head has been written', async (t) => {
  const { client, reply } = await ask(t)
  const owner = createOwner(reply)
  const { exchange } = beginExchange(reply, {
    ...owner,
    onStream: (end) => {
      end('data: too late\n\n')
      return true
    },
  })
  exchange.onHead(200, stream)
  t.same(owner.calls, ['done'])
  let text = ''
  client.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  await once(reply, 'close')
  while (!text.endsWith('0\r\n\r\n')) await once(client, 'data')
  t.match(text, /^HTTP\/1\.1 200 OK\r\ncontent-type: text\/event-stream[^]*data: too late\n\n/)
})

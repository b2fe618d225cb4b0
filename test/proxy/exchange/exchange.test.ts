import { once } from 'node:events'
import t from 'tap'
import { Exchange } from '../../../src/proxy/exchange.ts'
import { ask, createController, createOwner, stream, timeout } from './stage.ts'

t.test('the end of an answer that the client does not read is not kept for ever', async (t) => {
  const { client, reply } = await ask(t)
  client.pause()
  const owner = createOwner(reply)
  const exchange = new Exchange(reply, owner, { idleMs: 200, streamIdleMs: 0 })
  const controller = createController(exchange)
  exchange.onRequestStart(controller)
  exchange.onResponseStart(controller, 200)
  // More than the sockets on the way can hold.
  exchange.onResponseData(controller, Buffer.alloc(20_000_000))
  exchange.onResponseEnd()
  t.same(owner.calls, ['done'], 'FastAPI is done')
  await once(reply, 'close')
  t.notOk(reply.writableFinished)
})

t.test('an event that ends a stream may come before its head has been written', async (t) => {
  const { client, reply } = await ask(t)
  const owner = createOwner(reply)
  const exchange = new Exchange(
    reply,
    {
      ...owner,
      onStream: (end) => {
        end('data: too late\n\n')
        return true
      },
    },
    timeout,
  )
  const controller = createController(exchange, stream)
  exchange.onRequestStart(controller)
  exchange.onResponseStart(controller, 200)
  t.same(owner.calls, ['done'])
  let text = ''
  client.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  await once(reply, 'close')
  while (!text.endsWith('0\r\n\r\n')) await once(client, 'data')
  t.match(text, /^HTTP\/1\.1 200 OK\r\ncontent-type: text\/event-stream[^]*data: too late\n\n/)
})

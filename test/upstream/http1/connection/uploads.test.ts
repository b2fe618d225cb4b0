import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { until } from '../../group.ts'
import { ask, createBody, openPool, type StagedBody } from './asking.ts'
import { okFor, startTarget, type Peer } from './target.ts'

const measured = (length: number): readonly string[] => ['content-length', String(length)]

t.test('chunks are written so that another reader finds what was in them', async (t) => {
  const bodies: Buffer[] = []
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks))
      response.end('ok')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const pool = openPool(t, { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  // Of sizes with one, two and more digits. An empty one would be the end.
  const sizes = [1, 0, 9, 10, 15, 16, 17, 255, 256, 0, 70_000, 1]
  const chunks = sizes.map((size, index) => Buffer.alloc(size, 0x30 + index))
  const whole = Buffer.concat(chunks)
  for (let each = 0; each < 2; each += 1) {
    const body = createBody(true)
    const asked = ask(pool, { method: 'POST', headers: ['host', 'a'], body })
    const sink = await body.sink
    for (const chunk of chunks) sink.write(Buffer.from(chunk))
    sink.end()
    t.equal(await asked.over, 'ok')
    t.ok(bodies[each]?.equals(whole))
  }
  t.equal(pool.size, 1)
  const body = createBody(true)
  const empty = ask(pool, { method: 'POST', headers: ['host', 'a'], body })
  const sink = await body.sink
  sink.end()
  t.equal(await empty.over, 'ok')
  t.equal(bodies[2]?.length, 0)
})

/** A target that reads only once it is let, and answers when so many `x` have come. */
async function startReluctant(
  t: Test,
  length: number,
): Promise<{ origin: string; read: () => void; received: () => number }> {
  let received = 0
  const sockets: Socket[] = []
  const server = createTcpServer((socket) => {
    sockets.push(socket.pause())
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      for (const byte of chunk) if (byte === 0x78) received += 1
      if (received === length) socket.write(okFor('all of it'))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    read: () => {
      for (const socket of sockets) socket.resume()
    },
    received: () => received,
  }
}

t.test('a sink that is full says so, and says when it is no longer', async (t) => {
  const size = 100_000
  // More than the sockets on the way can hold.
  const length = 300 * size
  for (const chunked of [false, true]) {
    const target = await startReluctant(t, length)
    const pool = openPool(t, target)
    let sent = 0
    let resumed = 0
    const body: StagedBody = {
      ...createBody(chunked),
      resume: () => {
        resumed += 1
        send()
      },
    }
    const headers = chunked ? [] : measured(length)
    const asked = ask(pool, { method: 'POST', headers, body, firstByteMs: 10_000 })
    const sink = await body.sink
    const send = (): void => {
      while (sent < length) {
        sent += size
        if (!sink.write(Buffer.alloc(size, 'x'))) break
      }
      if (sent === length) sink.end()
    }
    send()
    let before = -1
    while (before !== sent) {
      before = sent
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    t.ok(sent < length, `${sent} bytes are kept for whoever does not read`)
    const calls = resumed
    target.read()
    t.equal(await asked.over, 'all of it')
    t.equal(target.received(), length)
    t.ok(resumed > calls)
    t.equal(pool.size, 1)
  }
})

t.test('a body is not asked for before its head has been sent, nor twice', async (t) => {
  const target = await startTarget(t)
  const pool = openPool(t, target)
  const body = createBody()
  const asked = ask(pool, { method: 'POST', headers: measured(2), body })
  t.strictSame(body.asked, [])
  const sink = await body.sink
  sink.write(Buffer.from('ok'))
  sink.end()
  t.equal(await asked.over, 'for /')
  t.strictSame(body.asked, ['send'])
})

/** Answers as soon as it hears of a request, and goes on reading. */
function answerEarly(peer: Peer): void {
  peer.socket.once('data', () => {
    peer.say(okFor('early'))
  })
}

t.test('an answer that comes before the upload has ended ends its connection', async (t) => {
  for (const chunked of [false, true]) {
    const target = await startTarget(t, () => undefined, answerEarly)
    const pool = openPool(t, target)
    const body = createBody(chunked)
    const asked = ask(pool, { method: 'POST', headers: chunked ? [] : measured(100), body })
    const sink = await body.sink
    sink.write(Buffer.from('begun'))
    t.equal(await asked.over, 'early')
    t.strictSame(body.asked, ['send', 'stop'], 'it is told that nobody takes the rest')
    t.equal(sink.write(Buffer.from('rest')), true)
    sink.end()
    sink.fail(new Error('late'))
    t.strictSame(asked.told, ['head 200', 'end'])
    // What is left of the body would be the beginning of the next request.
    t.equal(await ask(pool, { firstByteMs: 1000 }).over, 'early')
    t.equal(target.peers.length, 2)
    await until(() => target.peers[0]?.isClosed === true)
  }
})

t.test('an answer may begin before the upload has ended, and end after it', async (t) => {
  const target = await startTarget(
    t,
    ({ peer }) => {
      peer.say('END')
    },
    (peer) => {
      peer.socket.once('data', () => {
        peer.say('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nend')
      })
    },
  )
  const pool = openPool(t, target)
  const body = createBody()
  const asked = ask(pool, { method: 'POST', headers: measured(2), body })
  const sink = await body.sink
  await until(() => asked.body() === 'end')
  sink.write(Buffer.from('ok'))
  sink.end()
  t.equal(await asked.over, 'endEND')
  t.strictSame(body.asked, ['send'])
  t.equal(pool.size, 1, 'the connection is kept')
})

t.test('a body that fails ends the request with its error', async (t) => {
  const target = await startTarget(t)
  const pool = openPool(t, target)
  const body = createBody()
  const asked = ask(pool, { method: 'POST', headers: measured(100), body })
  const sink = await body.sink
  sink.write(Buffer.from('begun'))
  const error = new RangeError('too large')
  sink.fail(error)
  sink.fail(new Error('again'))
  t.equal(await asked.over, error)
  t.strictSame(asked.told, ['RangeError'])
  t.strictSame(body.asked, ['send'], 'who says so need not be told')
  await until(() => pool.size === 0 && target.open().length === 0)
})

t.test('a body is told when its request is lost or given up', async (t) => {
  const target = await startTarget(t, undefined, ({ socket }) =>
    socket.once('data', () => socket.destroy()),
  )
  const pool = openPool(t, target)
  const body = createBody()
  const lost = ask(pool, { method: 'POST', headers: measured(100), body })
  await lost.over
  t.strictSame(lost.told, ['ConnectionLost'])
  t.strictSame(body.asked, ['send', 'fail'])
  const other = createBody()
  const aborted = ask(pool, { method: 'POST', headers: measured(100), body: other })
  await other.sink
  aborted.call.abort()
  t.strictSame(other.asked, ['send', 'fail'])
  t.strictSame(aborted.told, [])
})

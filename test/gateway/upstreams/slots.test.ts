import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { startGateway, type Running } from '../../helper/gateway.ts'
import { until } from '../../upstream/group.ts'
import { api, startTarget, type Answering, type Target } from './target.ts'

const routes = `
  - { name: open, match: { path: /open/* }, upstream: api, auth: none, bodyLimit: 10B }
  - { name: maybe, match: { path: /maybe/* }, upstream: api, auth: optional }`

interface Small {
  readonly gateway: Running
  readonly target: Target
}

/** A gateway whose upstream has one slot. */
async function startSmall(t: Test, answer: Answering, more = ''): Promise<Small> {
  const target = await startTarget(t, answer)
  const upstream = api([target], `maxInFlight: 1, breaker: none${more}`)
  return { target, gateway: await startGateway(t, { upstream, routes }) }
}

/** Sends bytes on a connection of its own that stays open. */
function send({ gateway }: Small, bytes: string): Socket {
  const { hostname, port } = new URL(gateway.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined).resume()
  socket.write(bytes)
  return socket
}

const get = 'GET /open/x HTTP/1.1\r\nhost: app.test\r\n\r\n'

/** The slot is free, and there is still exactly one: a second request beside one that waits is refused. */
async function isWhole(t: Test, { gateway, target }: Small, why: string): Promise<void> {
  let waiting: (() => void) | null = null
  target.answer = (_request, response) => {
    waiting = () => response.end('done')
  }
  const begun = performance.now()
  let first = gateway.request('/open/x')
  await until(async () => {
    if (waiting !== null) return true
    const reply = await Promise.race([
      first,
      new Promise<null>((resolve) => setTimeout(resolve, 20, null)),
    ])
    if (reply !== null) first = gateway.request('/open/x')
    return false
  })
  t.ok(performance.now() - begun < 2000, `${why}: the slot is free at once`)
  const second = await gateway.request('/open/x')
  t.match(second.json(), { status: 503, code: 'overloaded', action: 'retry' }, `${why}: one slot`)
  ;(waiting as (() => void) | null)?.()
  t.equal((await first).status, 200)
}

t.test('a request beyond the slots is refused at once', async (t) => {
  const small = await startSmall(t, () => undefined)
  const socket = send(small, get)
  await until(() => small.target.seen.length === 1)
  const begun = performance.now()
  const reply = await small.gateway.request('/open/x')
  t.ok(performance.now() - begun < 2000)
  t.match(reply, { status: 503, headers: { 'retry-after': '1', 'cache-control': 'no-store' } })
  t.match(reply.json(), { code: 'overloaded' })
  t.equal(small.target.seen.length, 1)
  socket.destroy()
})

t.test('the slot is free again after every kind of end', async (t) => {
  const small = await startSmall(t, (_request, response) => response.end('whole'))
  const { gateway, target } = small
  const status = async (path = '/open/x'): Promise<number> => (await gateway.request(path)).status

  t.equal(await status(), 200)
  await isWhole(t, small, 'an answer')

  target.answer = (_request, response) => response.writeHead(401).end()
  t.equal(await status('/maybe/x'), 401)
  await isWhole(t, small, 'an answer in our words')

  target.answer = ({ socket }) => socket.resetAndDestroy()
  t.equal(await status(), 502)
  await isWhole(t, small, 'a reset before the answer')

  target.answer = ({ socket }, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('half', () => socket.resetAndDestroy())
  }
  await t.rejects(gateway.request('/open/x'))
  await isWhole(t, small, 'a reset within the answer')

  target.answer = ({ socket }) => socket.end('no HTTP at all\r\n\r\n')
  t.equal(await status(), 502)
  await isWhole(t, small, 'nonsense')

  await target.stop()
  t.equal(await status(), 502)
  await target.start()
  await isWhole(t, small, 'a connection that failed, twice')
})

t.test('the slot is free again when the client leaves', async (t) => {
  const small = await startSmall(t, () => undefined)
  const leave = async (bytes: string, why: string): Promise<void> => {
    const { length } = small.target.seen
    const socket = send(small, bytes)
    await until(() => small.target.seen.length === length + 1)
    socket.destroy()
    await isWhole(t, small, why)
  }
  small.target.answer = () => undefined
  await leave(get, 'before the answer')
  small.target.answer = (_request, response) => response.write('half')
  await leave(get, 'within the answer')
  const upload = 'POST /open/x HTTP/1.1\r\nhost: app.test\r\ncontent-length: 9\r\n\r\nhalf'
  small.target.answer = () => undefined
  await leave(upload, 'within the upload')
})

t.test('the slot is free again when a deadline has passed or the body is too large', async (t) => {
  const deadlines = ', timeout: { firstByte: 50ms, idle: 50ms }'
  const small = await startSmall(t, () => undefined, deadlines)
  t.equal((await small.gateway.request('/open/x')).status, 504)
  small.target.answer = (_request, response) => response.end('whole')
  t.equal((await small.gateway.request('/open/x')).status, 200, 'no answer')
  small.target.answer = (_request, response) => response.writeHead(200).write('half')
  await t.rejects(small.gateway.request('/open/x'))
  small.target.answer = (_request, response) => response.end('whole')
  t.equal((await small.gateway.request('/open/x')).status, 200, 'half an answer')
  const large = `POST /open/x HTTP/1.1\r\nhost: app.test\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n14\r\n${'x'.repeat(20)}\r\n0\r\n\r\n`
  t.match(await small.gateway.raw(large), /^HTTP\/1\.1 413 /)
  t.equal((await small.gateway.request('/open/x')).status, 200, 'a body that is too large')
})

t.test('an event stream gives its slot back when it begins', async (t) => {
  const small = await startSmall(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
  })
  const sockets = [send(small, get)]
  await until(() => small.target.seen.length === 1)
  await isWhole(t, small, 'a stream that runs')
  small.target.answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: 1\n\n')
  }
  t.equal((await small.gateway.request('/open/x')).status, 200)
  await isWhole(t, small, 'a stream that has ended')
  for (const socket of sockets) socket.destroy()
  await isWhole(t, small, 'a stream whose client has left')
})

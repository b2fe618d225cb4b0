import { connect } from 'node:net'
import t from 'tap'
import { closedPort } from '../../helper/backend.ts'
import { startGateway, type Running } from '../../helper/gateway.ts'
import { until } from '../../upstream/group.ts'
import { api, startTarget } from './target.ts'

const breaker = 'breaker: { minimum: 4, open: 5s }'

async function codes(gateway: Running, times: number): Promise<readonly unknown[]> {
  const found: unknown[] = []
  for (let each = 0; each < times; each += 1) {
    const reply = await gateway.request('/open/x', { method: 'POST' })
    found.push(reply.status === 200 ? 200 : reply.json()['code'])
  }
  return found
}

t.test('an upstream that is down is refused for a while, tried once, and used again', async (t) => {
  const target = await startTarget(t)
  const gateway = await startGateway(t, { upstream: api([target], breaker) })
  await target.stop()
  t.strictSame(await codes(gateway, 5), [
    'upstream_unreachable',
    'upstream_unreachable',
    'upstream_unreachable',
    'upstream_unreachable',
    'upstream_unavailable',
  ])
  await target.start()
  const reply = await gateway.request('/open/x')
  t.match(reply, { status: 503, headers: { 'retry-after': '5', 'cache-control': 'no-store' } })
  t.match(reply.json(), { code: 'upstream_unavailable', action: 'retry' })
  t.equal(target.seen.length, 0, 'nothing reaches it')

  gateway.clock.offsetMs += 5000
  const { answer } = target
  let finish: () => void = () => undefined
  target.answer = (request, response) => {
    finish = () => {
      answer(request, response)
    }
  }
  const trying = gateway.request('/open/x')
  await until(() => target.seen.length === 1)
  t.strictSame(await codes(gateway, 3), Array(3).fill('upstream_unavailable'))
  finish()
  t.equal((await trying).status, 200)
  target.answer = answer
  t.strictSame(await codes(gateway, 3), [200, 200, 200])
  t.strictSame(
    gateway.log.map((line) => line['breaker']).filter((state) => state !== undefined),
    ['open', 'half-open', 'closed'],
  )
})

t.test('a try whose client leaves does not decide', async (t) => {
  const target = await startTarget(t)
  const gateway = await startGateway(t, { upstream: api([target], breaker) })
  await target.stop()
  await codes(gateway, 4)
  await target.start()
  gateway.clock.offsetMs += 5000
  const { answer } = target
  target.answer = () => undefined
  const { hostname, port } = new URL(gateway.url)
  const socket = connect(Number(port), hostname)
  socket.write('GET /open/x HTTP/1.1\r\nhost: app.test\r\n\r\n')
  await until(() => target.seen.length === 1)
  t.strictSame(await codes(gateway, 1), ['upstream_unavailable'])
  target.answer = answer
  socket.destroy()
  await until(async () => (await codes(gateway, 1))[0] === 200)
  t.equal(target.seen.length, 2, 'the next request decided')
})

t.test('answers of FastAPI pass after exactly one request, whatever their status', async (t) => {
  const target = await startTarget(t)
  const gateway = await startGateway(t, { upstream: api([target], 'breaker: { minimum: 1 }') })
  for (const status of [500, 502, 503, 504, 429]) {
    target.answer = (_request, response) => {
      response.writeHead(status, { 'retry-after': '7', 'x-from': 'fastapi' }).end('its own')
    }
    for (let each = 0; each < 5; each += 1) {
      const reply = await gateway.request('/open/x')
      t.match(reply, { status, text: 'its own', headers: { 'x-from': 'fastapi' } })
    }
  }
  t.equal(target.seen.length, 25)
})

t.test('time-outs and nonsense open the breaker as dead connections do', async (t) => {
  const hanging = await startTarget(t, () => undefined)
  const slow = await startGateway(t, {
    upstream: api([hanging], `${breaker}, timeout: { firstByte: 50ms }`),
  })
  t.strictSame(await codes(slow, 5), [
    ...Array<string>(4).fill('upstream_timeout'),
    'upstream_unavailable',
  ])
  const babbling = await startTarget(t, ({ socket }) => socket.end('220 mail.test ESMTP\r\n'))
  const odd = await startGateway(t, { upstream: api([babbling], breaker) })
  t.strictSame((await codes(odd, 5)).slice(3), ['upstream_invalid', 'upstream_unavailable'])
  t.equal(babbling.seen.length, 4)
})

t.test('what a client does wrong is no failure of the upstream', async (t) => {
  const target = await startTarget(t)
  const gateway = await startGateway(t, {
    upstream: api([target], 'breaker: { minimum: 1, errors: 1% }'),
    routes:
      '\n  - { name: open, match: { path: /open/* }, upstream: api, auth: none, bodyLimit: 10B }',
  })
  const chunked = `POST /open/x HTTP/1.1\r\nhost: app.test\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n14\r\n${'x'.repeat(20)}\r\n0\r\n\r\n`
  t.match(await gateway.raw(chunked), /^HTTP\/1\.1 413 /)
  t.strictSame(await codes(gateway, 2), [200, 200])
})

t.test('an upstream that hangs does not keep another one waiting', async (t) => {
  const hanging = await startTarget(t, () => undefined)
  const well = await startTarget(t)
  const gateway = await startGateway(t, {
    upstream: `${api([hanging])}\n  other: "${well.url}"`,
    routes: `
  - { name: open, match: { path: /open/* }, upstream: api, auth: none }
  - { name: other, match: { path: /other/* }, upstream: other, auth: none }`,
  })
  const hung = Array.from({ length: 200 }, () => gateway.request('/open/x').catch(() => undefined))
  await until(() => hanging.seen.length === 200)
  const begun = performance.now()
  for (let each = 0; each < 10; each += 1) t.equal((await gateway.request('/other/x')).status, 200)
  t.ok(performance.now() - begun < 5000)
  await hanging.stop()
  await Promise.all(hung)
})

t.test('when every target is down, everybody hears so in the uniform body', async (t) => {
  const upstream = api([await closedPort(), await closedPort()], breaker)
  const gateway = await startGateway(t, { upstream })
  const found = await codes(gateway, 10)
  t.equal(found[0], 'upstream_unreachable')
  t.equal(found.at(-1), 'upstream_unavailable')
  const reply = await gateway.request('/open/x')
  t.match(reply.headers, { 'content-type': 'application/problem+json' })
  t.notMatch(reply.text, /127\.0\.0\.1/)
})

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { startBackend } from '../helper/backend.ts'
import { exchange, openGroup, until, upstreamConfig, type Opened } from './group.ts'

const health = {
  path: '/health',
  intervalMs: 20,
  timeoutMs: 200,
  unhealthyAfter: 3,
  healthyAfter: 2,
}
const host = 'app.test'

/** Waits for a log line. */
function logged(opened: Opened, message: string): Promise<void> {
  return until(() => opened.log.some((line) => line.message === message))
}

/** A server whose health answers are told one by one; `hang` answers nothing. */
async function startMoody(
  t: Test,
): Promise<{ url: string; mood: { status: number | 'hang' }; asked: () => number }> {
  const mood: { status: number | 'hang' } = { status: 200 }
  const backend = await startBackend(t, (_request, response) => {
    if (mood.status !== 'hang') response.writeHead(mood.status).end()
  })
  return { url: backend.url, mood, asked: () => backend.seen.length }
}

t.test(
  'a target is unhealthy after failures in a row, and healthy again after answers in a row',
  async (t) => {
    const moody = await startMoody(t)
    const well = await startBackend(t)
    const opened = openGroup(t, upstreamConfig([moody.url, well.url], { health }), { host })
    moody.mood.status = 503
    await logged(opened, 'upstream target is unhealthy')
    t.ok(moody.asked() >= 3)
    const chosen = Array.from({ length: 10 }, () => exchange(opened, 'answered'))
    t.strictSame([...new Set(chosen)], [well.url])
    moody.mood.status = 307
    const asked = moody.asked()
    await logged(opened, 'upstream target is healthy again')
    t.ok(moody.asked() - asked >= 2)
    t.ok(Array.from({ length: 2 }, () => exchange(opened, 'answered')).includes(moody.url))
    t.strictSame(
      opened.log.map((line) => line['target']),
      [moody.url, moody.url],
    )
  },
)

t.test(
  'a probe looks like the other requests of this FastAPI, on a connection of its own',
  async (t) => {
    const moody = await startBackend(t)
    openGroup(t, upstreamConfig([moody.url], { health }), { host })
    await until(() => moody.seen.length >= 2)
    t.match(moody.seen[0], {
      method: 'GET',
      url: '/health',
      headers: { host, connection: 'close', 'user-agent': 'sallyport-health' },
    })
  },
)

t.test('a target that hangs or is not there is unhealthy', async (t) => {
  const hanging = await startMoody(t)
  hanging.mood.status = 'hang'
  const quick = { ...health, timeoutMs: 30 }
  const opened = openGroup(t, upstreamConfig([hanging.url], { health: quick }))
  await logged(opened, 'upstream target is unhealthy')

  const server: Server = createServer((_request, response) => response.end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const gone = openGroup(t, upstreamConfig([`http://127.0.0.1:${port}`], { health }))
  server.close()
  await logged(gone, 'upstream target is unhealthy')
  server.listen(port, '127.0.0.1')
  t.teardown(() => server.close())
  await logged(gone, 'upstream target is healthy again')
})

t.test('a target starts as healthy, and where all are unhealthy all are tried', async (t) => {
  const [one, two] = [await startMoody(t), await startMoody(t)]
  one.mood.status = 500
  two.mood.status = 500
  const opened = openGroup(t, upstreamConfig([one.url, two.url], { health }))
  const both = [one.url, two.url]
  t.strictSame(
    [exchange(opened, 'answered'), exchange(opened, 'answered')],
    both,
    'unknown is open',
  )
  await until(() => opened.log.length >= 2)
  const chosen = Array.from({ length: 4 }, () => exchange(opened, 'answered'))
  t.strictSame([...new Set(chosen)].sort(), both.sort())
})

t.test('a target that health checks find well again is no longer ejected', async (t) => {
  const [one, two] = [await startMoody(t), await startMoody(t)]
  const opened = openGroup(t, upstreamConfig([one.url, two.url], { health }))
  for (let each = 0; each < 3; each += 1) {
    exchange(opened, 'failed')
    exchange(opened, 'answered')
  }
  t.equal(exchange(opened, 'answered'), two.url)
  one.mood.status = 500
  await logged(opened, 'upstream target is unhealthy')
  one.mood.status = 200
  await logged(opened, 'upstream target is healthy again')
  t.ok(Array.from({ length: 2 }, () => exchange(opened, 'answered')).includes(one.url))
})

t.test('nobody is asked after the upstream was closed', async (t) => {
  const moody = await startMoody(t)
  const { group } = openGroup(t, upstreamConfig([moody.url], { health }))
  await until(() => moody.asked() >= 2)
  await group.close()
  const asked = moody.asked()
  await new Promise((resolve) => setTimeout(resolve, 100))
  t.equal(moody.asked(), asked)
})

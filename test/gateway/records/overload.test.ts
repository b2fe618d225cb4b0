// Ends of requests that nobody else asks about: each is one record, one line of the access log and one count.
import { writeFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { request } from 'undici'
import type { AccessRecord } from '../../../src/ops/access/record.ts'
import { startBackend } from '../../helper/backend.ts'
import { signUp, startGateway, type Running } from '../../helper/gateway.ts'
import { dial } from '../hostile/wire.ts'
import { until } from '../websocket/client.ts'
import { recordOf } from './records.ts'

/** The value of a sample in what Prometheus would read; its labels in any order. */
async function countOf(gateway: Running, name: string, labels: object): Promise<number> {
  const { body } = await request(`${String(gateway.adminUrl)}/metrics`)
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${String(value)}"`)
  const lines = (await body.text()).split('\n').filter((line) => line.startsWith(`${name}{`))
  const line = lines.find((each) => wanted.every((label) => each.includes(label)))
  return Number(line?.split(' ').at(-1) ?? 0)
}

/** What the log and the metrics say of the same request. */
async function agree(t: Test, gateway: Running, record: AccessRecord): Promise<void> {
  const { requestId, decision, code, status, route, cut, kind } = record
  const lines = gateway.log.filter(
    (line) => line['msg'] === 'request' && line['requestId'] === requestId,
  )
  t.equal(lines.length, 1, 'one line of the access log')
  t.match(lines[0], { decision, code, status, route, cut })
  const of = { route: route ?? '', kind, decision }
  const byClass = { ...of, status: status === null ? 'none' : `${String(status)[0] ?? ''}xx` }
  t.equal(await countOf(gateway, 'sallyport_requests_total', byClass), 1)
  if (decision === 'refused') {
    const refused = { route: route ?? '', code }
    t.equal(await countOf(gateway, 'sallyport_refusals_total', refused), 1)
  } else if (cut) {
    const ended = { route: route ?? '', kind, reason: code ?? 'client_left' }
    t.equal(await countOf(gateway, 'sallyport_ended_early_total', ended), 1)
  }
}

t.test('one too many, of a client or at an upstream', async (t) => {
  for (const [server, maxInFlight] of [
    ['limits: { requestsPerClient: 1 }', 100],
    ['', 1],
  ] as const) {
    const waiting: ServerResponse[] = []
    const backend = await startBackend(t, (_request, response) => waiting.push(response))
    const upstream = `  api: { targets: ["${backend.url}"], maxInFlight: ${String(maxInFlight)} }`
    const gateway = await startGateway(t, { upstream, server })
    const first = gateway.request('/open/x')
    await until(() => waiting.length === 1)
    const record = await recordOf(gateway, () => gateway.request('/open/x'))
    t.match(record, { decision: 'refused', code: 'overloaded', status: 503, cut: false })
    // Who is refused at the door has no route yet; nobody was asked for either of them.
    t.match(record, { route: server === '' ? 'open' : null, upstream: null, target: null })
    await agree(t, gateway, record)
    waiting[0]?.end()
    await first
  }
})

t.test('a client that leaves while it is found out who it is', async (t) => {
  const backend = await startBackend(t)
  let release: (() => void) | null = null
  const gateway = await startGateway(t, {
    upstream: backend.url,
    wrapSource: (source) => ({
      ...source,
      findByToken: async (token, proof) => {
        await new Promise<void>((resolve) => (release = resolve))
        return source.findByToken(token, proof)
      },
    }),
  })
  const { cookie } = await signUp(gateway)
  const wire = await dial(t, gateway.url)
  const record = await recordOf(gateway, async () => {
    wire.send(`GET /api/x HTTP/1.1\r\nHost: app.test\r\nCookie: ${cookie}\r\n\r\n`)
    await until(() => release !== null)
    wire.socket.destroy()
    // Its end is seen before the answer comes.
    await until(() => gateway.records.at(-1)?.path === '/api/x')
    release?.()
  })
  t.match(record, { decision: 'left', code: null, status: null, cut: false, route: 'api' })
  t.match(record, { presented: ['cookie'], userId: null, upstream: null })
  await agree(t, gateway, record)
  t.equal(backend.seen.length, 0, 'FastAPI never hears of it')
})

t.test('a file that turns out shorter than was announced', async (t) => {
  const routes =
    '\n  - { name: files, match: { path: /files/* }, static: { dir: ./web }, auth: none }'
  const size = 50_000_000
  const gateway = await startGateway(t, {
    upstream: 'http://127.0.0.1:9',
    routes,
    files: { web: {} as never },
  })
  const file = join(gateway.folder, 'web', 'large.bin')
  writeFileSync(file, Buffer.alloc(size))
  const wire = await dial(t, gateway.url)
  wire.socket.pause()
  const record = await recordOf(gateway, async () => {
    wire.send('GET /files/large.bin HTTP/1.1\r\nHost: app.test\r\n\r\n')
    await once(wire.socket, 'readable')
    truncateSync(file, 1000)
    wire.socket.resume()
    t.ok((await wire.ended).length < size)
  })
  t.match(record, { decision: 'static', status: 200, cut: true, route: 'files', code: null })
  await agree(t, gateway, record)
})

import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import {
  origin,
  password,
  signUp,
  someAddress,
  startGateway,
  startPeer,
} from '../../helper/gateway.ts'
import type { Running } from '../../helper/gateway.ts'
import { open } from '../../gateway/sse/fastapi.ts'
import { expressionsOf, metricsIn, readAlerts, readDashboard } from './files.ts'
import { promtool, startPrometheus } from './programs.ts'

const options = (upstream: string) => ({
  upstream,
  routes: `
  - { name: api, match: { path: /api/* }, upstream: api }
  - { name: open, match: { path: /open/* }, upstream: api, auth: none }
  - name: old
    match: { path: /old/* }
    upstream: api
    enforce: { mode: observe, userHeader: X-Legacy-User }`,
})

async function start(t: Test): Promise<readonly [Running, Running]> {
  const backend = await startBackend(t, (request, response) => {
    if (request.url === '/open/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
    } else if (request.url === '/open/cut') {
      response.writeHead(200, { 'content-length': '10' }).write('x')
      setImmediate(() => response.destroy())
    } else response.writeHead(200, { 'x-legacy-user': 'ada' }).end('{}')
  })
  const first = await startGateway(t, options(backend.url))
  return [first, await startPeer(t, first, options(backend.url))]
}

/** A little of everything, on both gateways. */
async function use([first, second]: readonly [Running, Running], email: string): Promise<void> {
  const json = { 'content-type': 'application/json', origin, 'x-forwarded-for': someAddress() }
  const { cookie } = await first.request('/api/auth/sign-in/email', {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ email, password }),
  })
  for (const gateway of [first, second]) {
    for (const path of ['/api/x', '/api/y', '/old/x'])
      await gateway.request(path, { headers: { cookie } })
    for (const path of ['/api/x', '/old/x', '/nowhere']) await gateway.request(path)
    await gateway.request('/open/cut').catch(() => undefined)
  }
  const out = { method: 'POST', headers: { ...json, cookie }, body: '{}' } as const
  await first.request('/api/auth/sign-out', out)
}

t.test('every expression of the dashboard finds something in two gateways at work', async (t) => {
  const gateways = await start(t)
  const [first, second] = gateways
  const { email } = await signUp(first)
  await open(t, second.url)
  const targets = gateways.map(({ adminUrl }) => new URL(adminUrl ?? '').host)
  const prometheus = await startPrometheus(t, targets)
  if (prometheus === null) return
  const expressions = new Map(expressionsOf(readDashboard()))
  // It shows changes, of which there are none.
  const annotation = expressions.get('annotation') ?? ''
  expressions.delete('annotation')
  t.strictSame(await prometheus.query(annotation), [])
  const nothing = async (): Promise<readonly string[]> => {
    const empty: string[] = []
    for (const [place, expression] of expressions) {
      const found = await prometheus.query(expression)
      if (!found.some(({ value }) => Number.isFinite(value))) empty.push(`${place}: ${expression}`)
    }
    return empty
  }
  const until = performance.now() + 60_000
  let empty: readonly string[]
  do {
    await use(gateways, email)
    await sleep(500)
    empty = await nothing()
  } while (empty.length > 0 && performance.now() < until)
  t.strictSame(empty, [])
  const up = await prometheus.query('sum(up)')
  t.equal(up[0]?.value, 2)
  for (const { alert, expr } of readAlerts()) await t.resolves(prometheus.query(expr), alert)
})

t.test(
  'what alerts and panels ask for is there, and promtool likes how it is called',
  async (t) => {
    const [first] = await start(t)
    await first.request('/open/x')
    const text = await (await fetch(`${first.adminUrl ?? ''}/metrics`)).text()
    const known = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name))
    const asked = [
      ...expressionsOf(readDashboard()).values(),
      ...readAlerts().map(({ expr }) => expr),
    ]
    const unknown = asked
      .flatMap(metricsIn)
      .filter((name) => !known.has(name) && !known.has(name.replace(/_(?:bucket|sum|count)$/, '')))
    t.strictSame(unknown, [])
    const said = promtool(t, ['check', 'metrics'], text)
    if (said !== null) t.equal(said, '')
  },
)

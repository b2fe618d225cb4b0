import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { host, startGateway, type Running } from '../../helper/gateway.ts'

const routes = '\n  - { name: open, match: { path: /* }, upstream: api, auth: none }'

/** `shutdown` in flow style without braces. */
function start(t: Test, upstream: string, shutdown: string): Promise<Running> {
  return startGateway(t, { upstream, routes, shutdown })
}

async function call(
  url: string,
  agent?: Agent,
): Promise<{ response: IncomingMessage; text: string }> {
  const sent = request(url, { headers: { host }, ...(agent && { agent }) }).end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  let text = ''
  response.setEncoding('utf8')
  for await (const chunk of response) text += chunk as string
  return { response, text }
}

t.test('during the drain the gateway says it is not ready, and serves', async (t) => {
  const backend = await startBackend(t)
  const gateway = await start(t, backend.url, 'drain: 300ms, grace: 1s')
  t.equal((await fetch(`${gateway.adminUrl!}/readyz`)).status, 200)
  const closed = gateway.gateway.close()
  t.equal((await fetch(`${gateway.adminUrl!}/readyz`)).status, 503)
  t.equal((await fetch(`${gateway.adminUrl!}/livez`)).status, 200)
  const { response } = await call(`${gateway.url}/x`)
  t.equal(response.statusCode, 200)
  t.equal(response.headers.connection, 'close', 'and asks for a new connection next time')
  await closed
  await t.rejects(call(`${gateway.url}/x`), { code: 'ECONNREFUSED' })
})

t.test('a request under way is answered, whatever the drain', async (t) => {
  let answer = (): void => undefined
  const backend = await startBackend(t, (_request, response) => {
    response.write('begun ')
    answer = () => response.end('and ended')
  })
  const gateway = await start(t, backend.url, 'drain: 0s, grace: 2s')
  const reply = call(`${gateway.url}/x`)
  while (backend.seen.length === 0) await new Promise(setImmediate)
  const closed = gateway.gateway.close()
  await new Promise((resolve) => setTimeout(resolve, 50))
  answer()
  t.equal((await reply).text, 'begun and ended')
  await closed
})

t.test('an idle connection may bring one more request after the listener has closed', async (t) => {
  const backend = await startBackend(t)
  const gateway = await start(t, backend.url, 'drain: 0s, grace: 2s')
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => {
    agent.destroy()
  })
  const first = await call(`${gateway.url}/x`, agent)
  t.equal(first.response.headers.connection, 'keep-alive')
  const closed = gateway.gateway.close()
  await t.rejects(call(`${gateway.url}/x`), { code: 'ECONNREFUSED' }, 'nobody new')
  const last = await call(`${gateway.url}/x`, agent)
  t.equal(last.response.statusCode, 200)
  t.equal(last.response.headers.connection, 'close')
  const before = performance.now()
  await closed
  t.ok(performance.now() - before < 900, 'and then nobody is waited for')
})

t.test('a gateway without connections closes at once', async (t) => {
  const backend = await startBackend(t)
  const gateway = await start(t, backend.url, 'drain: 0s, grace: 10s')
  const before = performance.now()
  await gateway.gateway.close()
  t.ok(performance.now() - before < 500)
})

t.test('what has not ended when the grace period has passed is cut, visibly', async (t) => {
  const backend = await startBackend(t, (_request, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('a part')
  })
  const gateway = await start(t, backend.url, 'drain: 0s, grace: 300ms')
  const reply = call(`${gateway.url}/x`)
  while (backend.seen.length === 0) await new Promise(setImmediate)
  const before = performance.now()
  await Promise.all([t.rejects(reply, { code: 'ECONNRESET' }), gateway.gateway.close()])
  t.ok(performance.now() - before < 1000)
  t.ok(gateway.log.some(({ msg }) => /the grace period has passed/.test(String(msg))))
})

t.test('a connection that never says anything does not hold the gateway up', async (t) => {
  const backend = await startBackend(t)
  const gateway = await start(t, backend.url, 'drain: 0s, grace: 5s')
  const { hostname, port } = new URL(gateway.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  const before = performance.now()
  await Promise.all([once(socket, 'close'), gateway.gateway.close()])
  t.ok(performance.now() - before < 2000)
})

t.test('closing twice is closing once', async (t) => {
  const backend = await startBackend(t)
  const gateway = await start(t, backend.url, 'drain: 0s, grace: 1s')
  await Promise.all([gateway.gateway.close(), gateway.gateway.close()])
  await gateway.gateway.close()
})

t.test('an event stream is told to come back, and ends', async (t) => {
  const backend = await startBackend(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: 1\n\n')
  })
  const gateway = await start(t, backend.url, 'drain: 0s, grace: 5s')
  const reply = call(`${gateway.url}/x`)
  while (backend.seen.length === 0) await new Promise(setImmediate)
  await new Promise((resolve) => setTimeout(resolve, 50))
  const before = performance.now()
  const closed = gateway.gateway.close()
  const { text } = await reply
  t.match(text, /^data: 1\n\nretry: \d+\n/)
  t.match(text, /event: sallyport\ndata: \{.*"code":"shutting_down".*\}\n\n$/)
  await closed
  t.ok(performance.now() - before < 2000)
  t.equal(backend.aborted(), 1, 'FastAPI is told too')
})

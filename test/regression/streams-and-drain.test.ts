import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import t from 'tap'
import { startBackend } from '../helper/backend.ts'
import { host, startGateway } from '../helper/gateway.ts'

const routes = '\n  - { name: open, match: { path: /* }, upstream: api, auth: none }'

async function answerTo(
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

/**
 * What went wrong: a stream that was admitted before the streams were told to go, and whose first byte came after, was on no list by then. It was never told, and held
 * the gateway up for the whole grace period.
 */
t.test('a stream that begins while the gateway goes is told to come back', async (t) => {
  let begin = (): void => undefined
  const backend = await startBackend(t, (_request, response) => {
    begin = () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: 1\n\n')
    }
  })
  const gateway = await startGateway(t, {
    upstream: backend.url,
    routes,
    shutdown: 'drain: 0s, grace: 10s',
  })
  const stream = answerTo(`${gateway.url}/x`)
  while (backend.seen.length === 0) await new Promise(setImmediate)
  const before = performance.now()
  const closed = gateway.gateway.close()
  await new Promise((resolve) => setTimeout(resolve, 100))
  begin()
  t.match((await stream).text, /retry: \d+\nevent: sallyport\ndata: .*shutting_down/)
  await closed
  t.ok(performance.now() - before < 5000)
})

/**
 * What went wrong: an answer that began before SIGTERM was noticed promised to keep its connection. The connection then held the gateway up for the
 * whole grace period, and a request sent on it was cut.
 */
t.test('an answer to what was under way at SIGTERM closes its connection', async (t) => {
  let answer = (): void => undefined
  const backend = await startBackend(t, (_request, response) => {
    answer = () => response.end('done')
  })
  const gateway = await startGateway(t, {
    upstream: backend.url,
    routes,
    shutdown: 'drain: 0s, grace: 10s',
  })
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => {
    agent.destroy()
  })
  const reply = answerTo(`${gateway.url}/x`, agent)
  while (backend.seen.length === 0) await new Promise(setImmediate)
  const before = performance.now()
  const closed = gateway.gateway.close()
  await new Promise((resolve) => setTimeout(resolve, 1300))
  answer()
  const { response, text } = await reply
  t.equal(text, 'done')
  t.equal(response.headers.connection, 'close')
  await closed
  t.ok(performance.now() - before < 5000)
})

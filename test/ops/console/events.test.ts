import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import t, { type Test } from 'tap'
import { askAdmin, bearer, startWithConsole, token } from './stage.ts'

interface Stream {
  readonly status: number
  /** Resolves with the next pulse. */
  readonly next: () => Promise<Record<string, unknown>>
  readonly ended: Promise<unknown>
}

async function listen(
  t: Test,
  admin: string,
  headers: Record<string, string> = {},
): Promise<Stream> {
  const asked = request(`${admin}/console/events`, { agent: false, headers })
  t.teardown(() => asked.destroy())
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  response.on('error', () => undefined)
  let text = ''
  const waiting: ((pulse: Record<string, unknown>) => void)[] = []
  response.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8')
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const data = /^event: pulse\ndata: (.*)$/.exec(text.slice(0, end))?.[1]
      text = text.slice(end + 2)
      if (data !== undefined) waiting.shift()?.(JSON.parse(data) as Record<string, unknown>)
    }
  })
  return {
    status: response.statusCode ?? 0,
    next: () => new Promise((resolve) => waiting.push(resolve)),
    ended: new Promise((resolve) => response.once('close', resolve)),
  }
}

t.test('whoever watches hears each second what has changed', async (t) => {
  const gateway = await startWithConsole(t)
  const stream = await listen(t, gateway.admin)
  t.equal(stream.status, 200)
  await stream.next()
  await gateway.request('/api/secret?token=hidden', { headers: { 'x-request-id': 'a-refusal' } })
  await gateway.request('/open/x')
  const pulse = await stream.next()
  t.match(pulse, { phase: 'serving', isShared: true, refusalCount: 1, live: { total: 0 } })
  const [refusal] = pulse['refusals'] as Record<string, unknown>[]
  t.match(refusal, { code: 'credential_missing', path: '/api/secret', method: 'GET', route: 'api' })
  t.notMatch(JSON.stringify(pulse), /hidden/)
  const steps = pulse['steps'] as { readonly requests: readonly number[] }[]
  const sum = steps.flatMap(({ requests }) => requests).reduce((a, b) => a + b, 0)
  t.equal(sum, 2)
  t.match(pulse['upstreams'], [
    { name: 'api', inFlight: 0, breaker: 'closed', targets: [{ state: 'sound' }] },
  ])
  t.strictSame((await stream.next())['refusals'], [], 'each is said once')
})

t.test('another token ends the streams that the one before had opened', async (t) => {
  const open = 'listen: "0.0.0.0:0"'
  const gateway = await startWithConsole(t, { admin: `${open}, token: "${token}"` })
  const stream = await listen(t, gateway.admin, { [bearer()[0]!]: bearer()[1]! })
  await stream.next()
  gateway.reload({ admin: `${open}, token: "Hq7Rn3yX1wC6mU8sP0bK5jG2fE9dT4vL"` })
  await stream.ended
  t.pass('it has ended')
})

t.test('there are sixteen viewers at most, and whoever leaves makes room', async (t) => {
  const { admin } = await startWithConsole(t)
  const streams = await Promise.all(Array.from({ length: 16 }, () => listen(t, admin)))
  t.ok(streams.every(({ status }) => status === 200))
  t.equal((await askAdmin(admin, '/console/events')).json()['code'], 'too_many_streams')
})

t.test('a gateway that stops lets its viewers go', async (t) => {
  const gateway = await startWithConsole(t)
  const stream = await listen(t, gateway.admin)
  await gateway.gateway.close()
  await stream.ended
  t.pass('it has ended')
})

import t from 'tap'
import { startGateway, type Running } from '../../helper/gateway.ts'

// Better Auth's own counter belongs to the process: every test here needs addresses of its own.
const upstream = 'http://127.0.0.1:9'

function attempt(gateway: Running, headers: Readonly<Record<string, string>>) {
  return gateway.request('/api/auth/sign-in/email', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ email: 'nobody@example.com', password: 'wrong horse' }),
  })
}

async function attempts(
  gateway: Running,
  headers: readonly Readonly<Record<string, string>>[],
): Promise<readonly number[]> {
  const statuses: number[] = []
  for (const each of headers) statuses.push((await attempt(gateway, each)).status)
  return statuses
}

t.test('whatever a stranger says about its address, it is counted as one', async (t) => {
  const gateway = await startGateway(t, { upstream, trustedProxies: '' })
  const statuses = await attempts(gateway, [
    { 'x-forwarded-for': '203.0.113.1' },
    { 'x-real-ip': '203.0.113.2', forwarded: 'for=203.0.113.2' },
    { 'x-sallyport-client-ip': '203.0.113.3' },
    { 'X-Sallyport-Client-IP': '203.0.113.4', 'cf-connecting-ip': '203.0.113.4' },
  ])
  t.same(statuses, [401, 401, 401, 429])
})

t.test('behind a trusted proxy each client is counted on its own', async (t) => {
  const gateway = await startGateway(t, { upstream, trustedProxies: '127.0.0.1' })
  const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address })
  const same = from('198.51.100.7')
  t.same(await attempts(gateway, [same, same, same, same]), [401, 401, 401, 429])
  t.same(await attempts(gateway, [from('198.51.100.8')]), [401])
  const forged = await attempts(gateway, [from('1.2.3.4, 198.51.100.7')])
  t.same(forged, [429], 'what a client put before the address that the proxy saw does not count')
})

t.test('who is told to wait is told how long, in the standard header', async (t) => {
  const gateway = await startGateway(t, { upstream })
  const headers = { 'x-forwarded-for': '198.51.100.20' }
  await attempts(gateway, [headers, headers, headers])
  const reply = await attempt(gateway, headers)
  t.equal(reply.status, 429)
  const seconds = Number(reply.headers['retry-after'])
  t.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 10, String(seconds))
  t.notOk(reply.headers['set-cookie'])
})

t.test('asking for the session on every focus of a page is no attack', async (t) => {
  const gateway = await startGateway(t, { upstream })
  const headers = { 'x-forwarded-for': '198.51.100.30' }
  const replies = await Promise.all(
    Array.from({ length: 150 }, () => gateway.request('/api/auth/get-session', { headers })),
  )
  t.same(new Set(replies.map(({ status }) => status)), new Set([200]))
})

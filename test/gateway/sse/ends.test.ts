import t, { type Test } from 'tap'
import { origin, signUp, startGateway, type Running, type SignedIn } from '../../helper/gateway.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import type { Wire } from '../hostile/wire.ts'
import { bodyOf, flood, open, startStreams, until, type Streams } from './fastapi.ts'

async function start(
  t: Test,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ backend: Streams; gateway: Running; user: SignedIn }> {
  const backend = await startStreams(t, headers)
  const gateway = await startGateway(t, { upstream: backend.url })
  return { backend, gateway, user: await signUp(gateway) }
}

async function signOut(gateway: Running, { cookie }: SignedIn): Promise<void> {
  const reply = await gateway.request('/api/auth/sign-out', {
    method: 'POST',
    headers: { cookie, origin, 'content-type': 'application/json' },
    body: '{}',
  })
  if (reply.status !== 200) throw new Error(`sign-out answered ${reply.status}`)
}

/** The last event of a stream that has ended in order: its fields before `data`, and its problem. */
function lastEvent(text: string): { fields: string; problem: Record<string, unknown> } {
  const [, fields = '', data = 'null'] =
    /(?:^|\n\n)((?:retry: \d+\n)?event: sallyport\n)data: (.*)\n\n$/.exec(bodyOf(text)) ?? []
  return { fields, problem: JSON.parse(data) as Record<string, unknown> }
}

const orderly = /\r\n0\r\n\r\n$/

/** Waits until a stream has ended in order. */
function ended(wire: Wire): Promise<string> {
  return wire.until(orderly)
}

t.test('who signs out gets the reason as the last event, and FastAPI is let go', async (t) => {
  const { backend, gateway, user } = await start(t)
  const other = await signUp(gateway, 'bob@example.com')
  const mine = await open(t, gateway.url, '/api/events', [
    `Cookie: ${user.cookie}`,
    `Referer: ${origin}/todos?page=2`,
  ])
  const silent = await open(t, gateway.url, '/api/events', [`Cookie: ${user.cookie}`])
  const bobs = await open(t, gateway.url, '/api/events', [`Cookie: ${other.cookie}`])
  const nobodys = await open(t, gateway.url, '/open/events', [`Cookie: ${user.cookie}`])
  backend.opened[0]!.write('data: 1\n\n')
  await mine.until(/data: 1/)
  await signOut(gateway, user)
  const text = await ended(mine)
  t.match(bodyOf(text), /^data: 1\n\nevent: sallyport\ndata: \{.*\}\n\n$/)
  const [, requestId] = /x-request-id: (\S+)/.exec(text) ?? []
  t.strictSame(lastEvent(text), {
    fields: 'event: sallyport\n',
    problem: {
      type: 'https://sallyport.dev/problems/session_revoked',
      title: 'Session revoked',
      status: 401,
      detail: 'Your session was ended. Sign in again.',
      code: 'session_revoked',
      action: 'login',
      login: '/_gateway/login?return_to=%2Ftodos%3Fpage%3D2',
      requestId,
    },
  })
  t.match(lastEvent(await ended(silent)).problem, { code: 'session_revoked' }, 'before any event')
  await until(() => backend.aborted() === 2)
  for (const [wire, index] of [[bobs, 2] as const, [nobodys, 3] as const]) {
    backend.opened[index]!.write('data: still\n\n')
    await wire.until(/still/)
  }
})

t.test('an event that is under way is ended first, if it ends soon', async (t) => {
  const { backend, gateway, user } = await start(t)
  const wire = await open(t, gateway.url, '/api/events', [`Cookie: ${user.cookie}`])
  const [stream] = backend.opened
  stream!.write('data: 1\r\n')
  await wire.until(/data: 1/)
  await signOut(gateway, user)
  stream!.write('data: 2\r\n')
  await wire.until(/data: 2/)
  t.notMatch(wire.text(), /sallyport/)
  stream!.write('\r\ndata: 3\r\n\r\n')
  const body = bodyOf(await ended(wire))
  t.match(body, /^data: 1\r\ndata: 2\r\n\r\nevent: sallyport\ndata: \{.*"session_revoked".*\}\n\n$/)
  await until(() => backend.aborted() === 1)
})

t.test(
  'an event that does not end is left as it is, and the stream ends without ours',
  async (t) => {
    const { backend, gateway, user } = await start(t)
    const wire = await open(t, gateway.url, '/api/events', [`Cookie: ${user.cookie}`])
    backend.opened[0]!.write('data: 1\n\ndata: half')
    await wire.until(/half/)
    const before = performance.now()
    await signOut(gateway, user)
    t.equal(bodyOf(await ended(wire)), 'data: 1\n\ndata: half')
    const took = performance.now() - before
    t.ok(took > 900 && took < 3000, `after ${Math.round(took)} ms`)
    await until(() => backend.aborted() === 1)
  },
)

t.test('FastAPI may end the stream while we wait for the end of its event', async (t) => {
  const { backend, gateway, user } = await start(t)
  const wire = await open(t, gateway.url, '/api/events', [`Cookie: ${user.cookie}`])
  backend.opened[0]!.write('data: half')
  await wire.until(/half/)
  await signOut(gateway, user)
  backend.opened[0]!.end('\nid: 1')
  t.equal(bodyOf(await ended(wire)), 'data: half\nid: 1')
  t.equal(backend.aborted(), 0)
})

t.test('an encoded stream just ends; nothing of ours gets into it', async (t) => {
  const { backend, gateway, user } = await start(t, { 'content-encoding': 'br' })
  const wire = await open(t, gateway.url, '/api/events', [`Cookie: ${user.cookie}`])
  backend.opened[0]!.write('encoded\n\n')
  await wire.until(/encoded/)
  await signOut(gateway, user)
  t.equal(bodyOf(await ended(wire)), 'encoded\n\n')
  await until(() => backend.aborted() === 1)
})

t.test('a stream whose length was announced is cut: it must not look complete', async (t) => {
  const { backend, gateway, user } = await start(t, { 'content-length': '1000' })
  const wire = await open(t, gateway.url, '/api/events', [`Cookie: ${user.cookie}`])
  backend.opened[0]!.write('data: 1\n\n')
  await wire.until(/data: 1/)
  const before = performance.now()
  await signOut(gateway, user)
  t.match(await wire.ended, /\r\n\r\ndata: 1\n\n$/)
  t.ok(performance.now() - before < 5000, 'at once')
  await until(() => backend.aborted() === 1)
})

t.test('a stream ends with its session, and with the token that opened it', async (t) => {
  const { gateway, user, backend } = await start(t)
  const token = mint(goodClaims({ sub: 'script' }))
  const bySession = await open(t, gateway.url, '/api/events', [`Cookie: ${user.cookie}`])
  const byToken = await open(t, gateway.url, '/api/events', [`Authorization: Bearer ${token}`])
  gateway.clock.offsetMs = 120_000
  t.match(lastEvent(await ended(byToken)).problem, {
    code: 'token_expired',
    action: 'refresh',
    refresh: '/_gateway/token',
  })
  t.notMatch(bySession.text(), /sallyport/)
  gateway.clock.offsetMs = 8 * 86_400_000
  t.match(lastEvent(await ended(bySession)).problem, { code: 'session_expired', action: 'login' })
  await until(() => backend.aborted() === 2)
})

t.test(
  'a gateway that goes tells each page to come back, not all at the same moment',
  async (t) => {
    const { gateway } = await start(t)
    const wires = await Promise.all(Array.from({ length: 12 }, () => open(t, gateway.url)))
    const closed = gateway.gateway.close()
    const waits = new Set<number>()
    for (const wire of wires) {
      const { fields, problem } = lastEvent(await ended(wire))
      t.match(problem, { code: 'shutting_down', action: 'retry', status: 503 })
      const [, wait] = /^retry: (\d+)\nevent: sallyport\n$/.exec(fields) ?? []
      t.ok(Number(wait) >= 1000 && Number(wait) <= 3000, fields)
      waits.add(Number(wait))
    }
    t.ok(waits.size > 6)
    await closed
  },
)

t.test('a page that does not read is not waited for when its stream has ended', async (t) => {
  const backend = await startStreams(t)
  const gateway = await startGateway(t, {
    upstream: `  api: { url: "${backend.url}", timeout: { idle: 300ms } }`,
  })
  const user = await signUp(gateway)
  const wire = await open(t, gateway.url, '/api/events', [`Cookie: ${user.cookie}`])
  wire.socket.pause()
  await flood(backend.opened[0]!)
  await signOut(gateway, user)
  await until(() => backend.aborted() === 1)
  // Nothing says so but the end of the connection; what is under way may be read for as long as the idle time.
  const before = performance.now()
  await new Promise((resolve) => setTimeout(resolve, 500))
  wire.socket.resume()
  const text = await wire.ended
  t.ok(performance.now() - before < 4000)
  t.notMatch(text.slice(-200), /sallyport|\r\n0\r\n\r\n$/)
})

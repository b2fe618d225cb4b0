import { once } from 'node:events'
import t, { type Test } from 'tap'
import { signUp, type Running } from '../../helper/gateway.ts'
import { signIn, sql } from '../../session/calls.ts'
import { ask } from '../access/people.ts'
import { dial, type Wire } from '../hostile/wire.ts'
import { open } from '../sse/fastapi.ts'
import { listen, start } from './feed.ts'

function tryOnce(t: Test, { url }: Running, cookie: string): Promise<Wire> {
  return open(t, url, '/_gateway/events', [`Cookie: ${cookie}`])
}

/** The status that one more of this client's is answered with; it is let go again. */
async function statusOf(t: Test, gateway: Running, cookie: string): Promise<string | undefined> {
  const wire = await tryOnce(t, gateway, cookie)
  wire.socket.destroy()
  return /^HTTP\/1\.1 (\d+)/.exec(wire.text())?.[1]
}

/** Tries until there is room for one more, which stays: the gateway hears of an end at once, but not before we do. */
async function enter(t: Test, gateway: Running, cookie: string): Promise<Wire> {
  for (let count = 0; count < 500; count += 1) {
    const wire = await tryOnce(t, gateway, cookie)
    if (wire.text().startsWith('HTTP/1.1 200 ')) return wire
    wire.socket.destroy()
  }
  throw new Error('there is never room')
}

t.test('it is one of the streams that a client may have open', async (t) => {
  const gateway = await start(t, { server: 'limits: { streamsPerClient: 2 }' })
  const { cookie } = await signUp(gateway)
  const first = await listen(t, gateway, cookie)
  await listen(t, gateway, cookie)
  const tooMany = await gateway.request('/_gateway/events', { headers: { cookie } })
  t.match(tooMany.json(), { status: 503, code: 'overloaded', action: 'retry' })
  await listen(t, gateway, cookie, ['X-Forwarded-For: 10.1.2.3'])
  first.wire.socket.destroy()
  await enter(t, gateway, cookie)
  t.equal(await statusOf(t, gateway, cookie), '503', 'there was room for one')
  await ask(gateway, '/sign-out', cookie, {})
  const again = await signIn(gateway, 'ada@example.com')
  await enter(t, gateway, again)
  await enter(t, gateway, again)
  t.equal(await statusOf(t, gateway, again), '503')
})

t.test('it is none of the requests that a client may have under way', async (t) => {
  const gateway = await start(t, { server: 'limits: { requestsPerClient: 1 }' })
  const { cookie } = await signUp(gateway)
  for (let count = 0; count < 3; count += 1) await listen(t, gateway, cookie)
  t.equal((await gateway.request('/_gateway/session', { headers: { cookie } })).status, 200)
})

t.test('a page that does not read is let go before much piles up', async (t) => {
  const gateway = await start(t, { server: 'limits: { streamsPerClient: 1 }' })
  const { cookie } = await signUp(gateway)
  sql(gateway, `UPDATE user SET image = '${'x'.repeat(2_000_000)}'`)
  const feed = await listen(t, gateway, cookie)
  t.ok(feed.wire.text().length > 2_000_000, 'one event may be large')
  feed.wire.socket.pause()
  t.equal(await statusOf(t, gateway, cookie), '503')
  let count = 0
  do {
    count += 1
    await ask(gateway, '/update-user', cookie, { name: `Ada ${count}` })
  } while (count < 20 && (await statusOf(t, gateway, cookie)) === '503')
  t.ok(count < 20, `after ${count} events`)
  feed.wire.socket.resume()
  t.notMatch((await feed.wire.ended).slice(-10), /\r\n0\r\n\r\n$/, 'and can see that it was cut')
})

t.test('who has left before it began is not listed', async (t) => {
  const gateway = await start(t, { server: 'limits: { streamsPerClient: 2 }' })
  const { cookie } = await signUp(gateway)
  const request = `GET /_gateway/events HTTP/1.1\r\nHost: app.test\r\nCookie: ${cookie}\r\n\r\n`
  for (let count = 0; count < 20; count += 1) {
    const wire = await dial(t, gateway.url)
    // The second of them waits behind the first, which does not end.
    wire.send(request + request)
    if (count % 2 === 0) wire.socket.resetAndDestroy()
    else wire.socket.end()
    if (!wire.socket.closed) await once(wire.socket, 'close')
  }
  const both = await enter(t, gateway, cookie)
  both.send(request)
  while ((await statusOf(t, gateway, cookie)) !== '503');
  both.socket.destroy()
  await enter(t, gateway, cookie)
  await enter(t, gateway, cookie)
})

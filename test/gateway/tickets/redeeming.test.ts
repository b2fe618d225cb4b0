import t from 'tap'
import { origin, signUp } from '../../helper/gateway.ts'
import { ask, friend, socketFate, start, stream, ticketFor } from './asking.ts'

t.test('a ticket opens a WebSocket and an event stream, as whom it was made for', async (t) => {
  const { gateway, backend, sockets } = await start(t)
  const { id, cookie } = await signUp(gateway)
  const first = await ticketFor(gateway, '/live/x', { cookie })
  t.equal(await socketFate(t, gateway, `/live/x?ticket=${first}`), 'open')
  const { request } = await sockets.arrival()
  t.equal(request.url, '/live/x')
  t.equal(request.headers['x-user-id'], id)
  t.match(request.headers.authorization, /^Bearer ey/)
  const second = await ticketFor(gateway, '/api/feed', { cookie })
  t.equal(await stream(gateway, `/api/feed?ticket=${second}`), 200)
  t.equal(backend.seen.at(-1)?.headers['x-user-id'], id)
})

t.test('a ticket that was used opens nothing more', async (t) => {
  const { gateway } = await start(t)
  const { cookie } = await signUp(gateway)
  const ticket = await ticketFor(gateway, '/live/x', { cookie })
  t.equal(await socketFate(t, gateway, `/live/x?ticket=${ticket}`), 'open')
  t.equal(await socketFate(t, gateway, `/live/x?ticket=${ticket}`), '3000 token_invalid')
  t.equal(await stream(gateway, `/live/x?ticket=${ticket}`), 'token_invalid')
  const refused = await gateway.request(`/live/x?ticket=${ticket}`, {
    headers: { accept: 'text/event-stream', origin, cookie },
  })
  t.equal(refused.status, 401, 'and the cookie is no help')
  t.match(refused.headers['www-authenticate'], /error="invalid_token"/)
})

t.test('a stolen ticket is good for nothing elsewhere', async (t) => {
  const { gateway } = await start(t, { server: 'hosts: [other.test]' })
  const { cookie } = await signUp(gateway)
  const tryAt = async (path: string, headers: Readonly<Record<string, string>>) => {
    const ticket = await ticketFor(gateway, '/api/x', { cookie })
    const first = await stream(gateway, `${path}?ticket=${ticket}`, headers)
    t.equal(await stream(gateway, `/api/x?ticket=${ticket}`), 'token_invalid', 'and is used up')
    return first
  }
  t.equal(await tryAt('/api/y', { origin }), 'token_invalid', 'another path')
  t.equal(await tryAt('/api/x/', { origin }), 'token_invalid', 'another spelling')
  t.equal(await tryAt('/api/x', { origin: 'https://evil.test' }), 'token_invalid', 'another page')
  t.equal(await tryAt('/api/x', { origin: friend }), 'token_invalid', 'a trusted one too')
  t.equal(await tryAt('/api/x', {}), 'token_invalid', 'no page')
  t.equal(await tryAt('/api/x', { host: 'other.test', origin }), 'token_invalid', 'another host')
  const scripts = await ticketFor(gateway, '/api/x', { cookie }, null)
  t.equal(await stream(gateway, `/api/x?ticket=${scripts}`), 'token_invalid', 'a page')
  const again = await ticketFor(gateway, '/api/x', { cookie }, null)
  t.equal(await stream(gateway, `/api/x?ticket=${again}`, {}), 200, 'no page, and none asked')
})

t.test('a page leaves its own origin out of a GET, and says that it is that', async (t) => {
  const { gateway } = await start(t)
  const { cookie } = await signUp(gateway)
  const same = { 'sec-fetch-site': 'same-origin' }
  const own = await ticketFor(gateway, '/api/x', { cookie })
  t.equal(await stream(gateway, `/api/x?ticket=${own}`, same), 200)
  const others = await ticketFor(gateway, '/api/x', { cookie }, friend)
  t.equal(await stream(gateway, `/api/x?ticket=${others}`, same), 'token_invalid')
  const theirs = await ticketFor(gateway, '/api/x', { cookie }, friend)
  const cross = { origin: friend, 'sec-fetch-site': 'cross-site' }
  t.equal(await stream(gateway, `/api/x?ticket=${theirs}`, cross), 200)
  const scripts = await ticketFor(gateway, '/api/x', { cookie }, null)
  t.equal(await stream(gateway, `/api/x?ticket=${scripts}`, same), 'token_invalid')
})

t.test('a ticket is too old after 30 s', async (t) => {
  const { gateway } = await start(t)
  const { cookie } = await signUp(gateway)
  const late = await ticketFor(gateway, '/api/x', { cookie })
  gateway.clock.offsetMs = 30_001
  t.equal(await stream(gateway, `/api/x?ticket=${late}`), 'token_invalid')
  const inTime = await ticketFor(gateway, '/api/x', { cookie })
  gateway.clock.offsetMs = 55_000
  t.equal(await stream(gateway, `/api/x?ticket=${inTime}`), 200)
})

t.test('a ticket decides alone, and once', async (t) => {
  const { gateway } = await start(t, { yaml: 'bearer: { apiKeys: true }' })
  const { cookie } = await signUp(gateway)
  for (const more of [{ authorization: 'Bearer x' }, { 'x-api-key': 'some-key' }] as Record<
    string,
    string
  >[]) {
    const ticket = await ticketFor(gateway, '/api/x', { cookie })
    const both = await stream(gateway, `/api/x?ticket=${ticket}`, { origin, ...more })
    t.equal(both, 'token_invalid')
  }
  const ticket = await ticketFor(gateway, '/api/x', { cookie })
  for (const query of [`ticket=${ticket}&ticket=${ticket}`, 'ticket=', 'ticket', 'ticket=short']) {
    t.equal(await stream(gateway, `/api/x?${query}`, { origin, cookie }), 'token_invalid', query)
  }
  const two = await stream(gateway, `/maybe/x?ticket=${ticket}x`, { origin, cookie })
  t.equal(two, 'token_invalid', 'a bad one is not nobody')
  t.equal(await stream(gateway, `/api/x?ticket=${ticket}`), 200, 'it had not been shown yet')
})

t.test('elsewhere `ticket` is a parameter like any other', async (t) => {
  const { gateway, backend } = await start(t)
  const { cookie } = await signUp(gateway)
  const headers = { cookie, origin }
  for (const [method, target] of [
    ['GET', '/api/x?ticket=42&b=%2f'],
    ['POST', '/api/x?ticket=42'],
    ['HEAD', '/api/x?ticket=42'],
  ] as const) {
    const accept = method === 'GET' ? 'application/json' : 'text/event-stream'
    const reply = await gateway.request(target, { method, headers: { ...headers, accept } })
    t.equal(reply.status, 200)
    t.equal(backend.seen.at(-1)?.url, target)
  }
  t.equal(await stream(gateway, '/own/x?a=1&ticket=42'), 200)
  t.equal(backend.seen.at(-1)?.url, '/own/x?a=1&ticket=42', 'where FastAPI has its own login')
})

t.test('the rest of the query arrives byte for byte, and the ticket nowhere', async (t) => {
  const { gateway, backend } = await start(t)
  const { cookie } = await signUp(gateway)
  for (const [query, rest] of [
    ['TICKET', ''],
    ['TICKET&', '?'],
    ['a=%2f%2F+b&TICKET&&c', '?a=%2f%2F+b&&c'],
    ['ticketx=1&TICKET&x=ticket', '?ticketx=1&x=ticket'],
    ['%74icket=1&TICKET', '?%74icket=1'],
  ] as const) {
    const ticket = await ticketFor(gateway, '/api/x', { cookie })
    const target = `/api/x?${query.replace('TICKET', `ticket=${ticket}`)}`
    t.equal(await stream(gateway, target), 200, query)
    t.equal(backend.seen.at(-1)?.url, `/api/x${rest}`)
  }
  await stream(gateway, `/open/x?ticket=${'t'.repeat(43)}`)
  t.equal(backend.seen.at(-1)?.url, '/open/x', 'nor where nobody is asked for one')
})

t.test('no line of the log and no refusal tells a ticket', async (t) => {
  const { gateway, backend } = await start(t)
  const { cookie } = await signUp(gateway)
  const tickets: string[] = []
  const texts: string[] = []
  for (const [path, target] of [
    ['/api/x', '/api/x'],
    ['/live/x', '/live/x'],
    ['/api/x', '/api/y'],
    ['/api/x', 'http://app.test/api/x'],
    ['/api/x', '/write/x'],
    ['/api/x', '/api/%2e'],
  ] as const) {
    const ticket = await ticketFor(gateway, path, { cookie })
    tickets.push(ticket)
    const referer = `Referer: ${origin}/app\r\n`
    texts.push(
      await gateway.raw(
        `GET ${target}?ticket=${ticket} HTTP/1.1\r\nHost: app.test\r\nOrigin: ${origin}\r\n${referer}Accept: text/event-stream\r\nConnection: close\r\n\r\n`,
      ),
    )
    await socketFate(t, gateway, `/live/y?ticket=${ticket}`)
  }
  const everything = JSON.stringify([gateway.log, texts, backend.seen])
  t.match(everything, /return_to=%2Fapp/)
  for (const ticket of tickets) t.notMatch(everything, ticket)
})

t.test('a route that accepts one kind of credential accepts tickets made from it', async (t) => {
  const { gateway } = await start(t)
  const { cookie } = await signUp(gateway)
  const { access_token: token } = (
    await gateway.request('/_gateway/token', { method: 'POST', headers: { cookie, origin } })
  ).json()
  const bearer = { authorization: `Bearer ${String(token)}` }
  for (const [path, from, fate] of [
    ['/cookies/x', { cookie }, 'open'],
    ['/cookies/x', bearer, '3000 token_not_accepted'],
    ['/tokens/x', bearer, 'open'],
    ['/tokens/x', { cookie }, '3000 token_not_accepted'],
  ] as const) {
    const ticket = await ticketFor(gateway, path, from)
    t.equal(await socketFate(t, gateway, `${path}?ticket=${ticket}`), fate)
  }
  t.equal((await ask(gateway, '/tokens/x', { cookie })).status, 200, 'that is judged later')
})

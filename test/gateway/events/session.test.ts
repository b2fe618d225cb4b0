import t from 'tap'
import { origin, signUp } from '../../helper/gateway.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import { sql, view } from '../../session/calls.ts'
import { ask, signUpAdmin } from '../access/people.ts'
import { always, extend, listen, start } from './feed.ts'

t.test('the first event is what the session endpoint says, at once', async (t) => {
  const gateway = await start(t)
  const { cookie } = await signUp(gateway)
  const before = sql(gateway, 'SELECT * FROM session')
  const feed = await listen(t, gateway, cookie)
  const [head = ''] = feed.wire.text().split('\r\n\r\n')
  t.match(head, /^HTTP\/1\.1 200 OK\r\n/)
  for (const line of [
    'content-type: text/event-stream',
    'cache-control: no-store',
    'x-accel-buffering: no',
    'cross-origin-resource-policy: same-origin',
  ]) {
    t.ok(head.includes(`\r\n${line}\r\n`), line)
  }
  t.match(head, /\r\nx-request-id: \S+/)
  t.notMatch(head, /content-encoding|set-cookie/i)
  t.strictSame(feed.events(), [{ name: 'session', data: await view(gateway, cookie), retry: null }])
  t.notMatch(feed.wire.text(), decodeURIComponent(cookie).split('=')[1]!.split('.')[0]!)
  t.strictSame(sql(gateway, 'SELECT * FROM session'), before)
})

t.test('an extension is told, to this session alone; listening extends nothing', async (t) => {
  const gateway = await start(t, always)
  const { cookie } = await signUp(gateway)
  const bob = await signUp(gateway, 'bob@example.com')
  const feed = await listen(t, gateway, cookie)
  const bobs = await listen(t, gateway, bob.cookie)
  const [before] = feed.events()
  await extend(gateway, cookie)
  const after = await feed.nth(2)
  t.equal(after.name, 'session')
  t.ok(Date.parse(String(after.data['expiresAt'])) > Date.parse(String(before!.data['expiresAt'])))
  t.strictSame(after.data, await view(gateway, cookie))
  await extend(gateway, bob.cookie)
  await bobs.nth(2)
  t.strictSame([feed.events().length, bobs.events().length], [2, 2])
})

t.test('what others see of the user is told when it changes, and nothing twice', async (t) => {
  const gateway = await start(t)
  const root = await signUpAdmin(gateway)
  const { id, cookie } = await signUp(gateway)
  const feed = await listen(t, gateway, cookie)
  t.match(feed.events(), [{ data: { user: { name: 'Ada', role: 'user' } } }])
  await ask(gateway, '/admin/set-role', root.cookie, { userId: id, role: 'admin' })
  t.match(await feed.nth(2), { name: 'session', data: { user: { name: 'Ada', role: 'admin' } } })
  // Neither is part of what a page is told: the same name once more, and an organisation.
  await ask(gateway, '/update-user', cookie, { name: 'Ada' })
  await ask(gateway, '/organization/create', cookie, { name: 'acme', slug: 'acme' })
  await ask(gateway, '/update-user', cookie, { name: 'Ada\n\nevent: sallyport\ndata: {}' })
  const third = await feed.nth(3)
  t.match(third.data, { user: { name: 'Ada\n\nevent: sallyport\ndata: {}' } }, 'and stays data')
  t.equal(feed.events().length, 3)
})

t.test('each of a page and its copies hears of it', async (t) => {
  const gateway = await start(t)
  const { cookie } = await signUp(gateway)
  const feeds = [await listen(t, gateway, cookie), await listen(t, gateway, cookie)]
  await ask(gateway, '/update-user', cookie, { name: 'Grace' })
  for (const feed of feeds) t.match(await feed.nth(2), { data: { user: { name: 'Grace' } } })
})

t.test('only a session cookie that counts is listened for', async (t) => {
  const gateway = await start(t)
  const { cookie } = await signUp(gateway)
  const code = async (headers: Record<string, string>): Promise<unknown> => {
    const reply = await gateway.request('/_gateway/events', {
      headers: { accept: 'text/event-stream', 'sec-fetch-mode': 'cors', ...headers },
    })
    t.equal(reply.headers['content-type'], 'application/problem+json')
    t.equal(reply.headers['cache-control'], 'no-store')
    return [reply.status, reply.json()['code']]
  }
  t.strictSame(await code({}), [401, 'credential_missing'])
  t.strictSame(await code({ cookie: `${cookie}x` }), [401, 'session_invalid'])
  const authorization = `Bearer ${mint(goodClaims())}`
  t.strictSame(await code({ authorization }), [401, 'token_not_accepted'])
  t.strictSame(await code({ authorization, cookie }), [401, 'token_not_accepted'])
  const reply = await gateway.request('/api/auth/sign-out', {
    method: 'POST',
    headers: { cookie, origin, 'content-type': 'application/json' },
    body: '{}',
  })
  t.equal(reply.status, 200)
  t.strictSame(await code({ cookie }), [401, 'session_revoked'])
})

t.test('when it cannot be known whose session it is, that is said', async (t) => {
  const gateway = await start(t)
  const { cookie } = await signUp(gateway)
  sql(gateway, 'ALTER TABLE session RENAME TO elsewhere')
  const reply = await gateway.request('/_gateway/events', { headers: { cookie } })
  t.match(reply.json(), { status: 503, code: 'session_store_unavailable', action: 'retry' })
  t.equal(reply.headers['set-cookie'], undefined)
})

t.test('it is opened with GET and nothing else', async (t) => {
  const gateway = await start(t)
  const { cookie } = await signUp(gateway)
  for (const method of ['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'] as const) {
    const reply = await gateway.request('/_gateway/events', { method, headers: { cookie, origin } })
    t.match(reply, { status: 405, headers: { allow: 'GET' } }, method)
    t.equal(reply.headers['x-sallyport-code'], 'method_not_allowed', method)
  }
})

t.test('a body that comes along is not looked at', async (t) => {
  const gateway = await start(t)
  const { cookie } = await signUp(gateway)
  const feed = await listen(t, gateway, cookie, ['Content-Length: 11'])
  feed.wire.send('hello world')
  await ask(gateway, '/update-user', cookie, { name: 'Grace' })
  t.match(await feed.nth(2), { data: { user: { name: 'Grace' } } })
})

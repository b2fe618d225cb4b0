import assert from 'node:assert/strict'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { startSocketBackend } from '../../../gateway/websocket/backend.ts'
import { connect } from '../../../gateway/websocket/client.ts'
import { closedPort, startBackend, type Backend } from '../../../helper/backend.ts'
import { origin, signUp, startGateway, type Running } from '../../../helper/gateway.ts'
import { authSecret, signCookie } from '../../../helper/token.ts'
import { bearerOf, call, signIn } from '../../calls.ts'
import { startAuthServer } from '../server.ts'
import { routes, startApplication } from './stage.ts'

const name = 'better-auth.session_token'

t.test('getSession on a page of the application finds whom the gateway has found', async (t) => {
  const { gateway, ada } = await startApplication(t)
  const me = await gateway.request('/page/me', { headers: { cookie: `a=1; ${ada.cookie}; b=2` } })
  t.strictSame(me.json(), { found: ada.id, told: ada.id, cookie: `a=1; ${ada.cookie}; b=2` })
  const nobody = await gateway.request('/page/me', { headers: { cookie: 'a=1' } })
  t.strictSame(nobody.json(), { found: null, told: null, cookie: 'a=1' })
})

interface Site {
  readonly gateway: Running
  readonly web: Backend
  readonly ada: { readonly id: string; readonly email: string; readonly cookie: string }
  readonly bob: { readonly id: string; readonly cookie: string }
  /** What the upstream gets as `Cookie`, one for each line; null: the request does not get there. */
  readonly sent: (
    path: string,
    headers: Record<string, string> | string[],
  ) => Promise<readonly string[] | null>
}

/** An upstream that shows what it got, in the place of the application. */
async function startSite(t: Test, sessionCookie: 'forward' | 'strip' = 'forward'): Promise<Site> {
  const web = await startBackend(t)
  const remote = await startAuthServer(t)
  const gateway = await startGateway(t, {
    auth: `mode: remote, url: "${remote.url}", secret: "\${BETTER_AUTH_SECRET}"`,
    upstream: `  web: { url: "${web.url}", sessionCookie: ${sessionCookie} }\n  api: "${web.url}"`,
    routes,
  })
  const ada = await signUp(gateway)
  const bob = await signUp(gateway, 'bob@example.com')
  const sent: Site['sent'] = async (path, headers) => {
    const before = web.seen.length
    await gateway.request(path, { headers })
    return web.seen[before]?.rawHeaders.filter(isCookie) ?? null
  }
  return { gateway, web, ada, bob, sent }
}

function isCookie(_: string, index: number, all: readonly string[]): boolean {
  return index % 2 === 1 && all[index - 1]?.toLowerCase() === 'cookie'
}

t.test('it travels where it is what the request was decided by', async (t) => {
  const { ada, sent } = await startSite(t)
  for (const path of ['/page/x', '/mine/x', '/observed/x', '/copied/x']) {
    t.strictSame(await sent(path, { cookie: ada.cookie }), [ada.cookie], path)
  }
  t.strictSame(await sent('/public/x', { cookie: `a=1; ${ada.cookie}` }), ['a=1'], 'nobody looks')
  t.strictSame(await sent('/api/x', { cookie: ada.cookie }), [], 'to another upstream')
  const lines = ['Cookie', 'a=1', 'Cookie', ada.cookie]
  t.strictSame(await sent('/page/x', lines), ['a=1', ada.cookie], 'in whichever line it is')
})

t.test('it travels to no upstream of which the file does not say so', async (t) => {
  const { ada, sent } = await startSite(t, 'strip')
  for (const path of ['/page/x', '/mine/x', '/public/x', '/observed/x', '/api/x']) {
    t.strictSame(await sent(path, { cookie: ada.cookie }), [], path)
  }
})

t.test('a request that another credential decides brings nobody else along', async (t) => {
  const { gateway, ada, bob, sent } = await startSite(t)
  const authorization = await bearerOf(gateway, bob.cookie)
  for (const path of ['/page/x', '/mine/x', '/observed/x']) {
    t.strictSame(await sent(path, { authorization, cookie: `a=1; ${ada.cookie}` }), ['a=1'], path)
  }
  const asked = await gateway.request('/_gateway/ticket', {
    method: 'POST',
    headers: { cookie: bob.cookie, origin, 'content-type': 'application/json' },
    body: JSON.stringify({ path: '/mine/x' }),
  })
  const ticket = String(asked.json()['ticket'])
  const headers = { cookie: ada.cookie, accept: 'text/event-stream', origin }
  t.strictSame(await sent(`/mine/x?ticket=${ticket}`, headers), [])
})

t.test('a cookie that proves nothing does not arrive', async (t) => {
  const { gateway, ada, sent } = await startSite(t)
  const ended = await signIn(gateway, ada.email)
  await call(gateway, '/sign-out', { cookie: ended })
  const forged = `${name}=${signCookie('x'.repeat(32), `${authSecret}-other`)}`
  const unknown = `${name}=${signCookie('x'.repeat(32))}`
  for (const [what, cookie] of Object.entries({ ended, forged, unknown })) {
    for (const path of ['/public/x', '/observed/x']) {
      t.strictSame(await sent(path, { cookie }), [], `${what} ${path}`)
    }
    t.equal(await sent('/mine/x', { cookie }), null, what)
    t.strictSame(await sent('/page/x', { cookie }), what === 'forged' ? null : [], what)
  }
  const twice = `${ada.cookie}; ${ada.cookie}`
  t.equal(await sent('/page/x', { cookie: twice }), null)
  t.strictSame(await sent('/observed/x', { cookie: twice }), [])
})

t.test('whoever declined to be remembered is not remembered by the application', async (t) => {
  const { gateway, ada, sent } = await startSite(t)
  const cookie = await signIn(gateway, ada.email, { rememberMe: false })
  t.match(cookie, /dont_remember=/)
  t.strictSame(await sent('/page/x', { cookie }), [cookie])
  const [declined = ''] = cookie.split('; ').filter((pair) => pair.includes('dont_remember'))
  t.strictSame(await sent('/page/x', { cookie: declined }), [], 'of nobody it says nothing')
})

t.test('it travels with a handshake, and with a request that is sent again', async (t) => {
  const remote = await startAuthServer(t)
  const backend = await startSocketBackend(t)
  const web = await startBackend(t)
  const away = await closedPort()
  const gateway = await startGateway(t, {
    auth: `mode: remote, url: "${remote.url}"`,
    upstream: `
  web: { url: "${backend.url}", sessionCookie: forward }
  api: { targets: ["${away}", "${web.url}"], sessionCookie: forward }`,
    routes,
  })
  const { cookie } = await signUp(gateway)
  await connect(t, gateway, '/page/x', { headers: { cookie, origin } })
  t.equal((await backend.arrival()).request.headers.cookie, cookie)
  for (let times = 0; times < 2; times += 1) {
    t.equal((await gateway.request('/api/x', { headers: { cookie } })).status, 200)
  }
  t.strictSame(
    web.seen.map(({ headers }) => headers.cookie),
    [cookie, cookie],
  )
})

t.test('of all cookies of Better Auth none arrives but the verified one', async (t) => {
  const { gateway, web, ada, bob } = await startSite(t)
  const value = (cookie: string): string => cookie.slice(cookie.indexOf('=') + 1)
  const [real, other] = [value(ada.cookie), value(bob.cookie)]
  const proofs = new Map([
    [`${name}=${real}`, ada.id],
    [`${name}=${other}`, bob.id],
  ])
  const variants = [
    ...[name, `__Secure-${name}`, `__Host-${name}`, `${name}_multi-x`, 'better-auth.session_data'],
    ...['better-auth.admin_session', 'better-auth.dont_remember', 'better-auth.two_factor'],
    ...[
      name.toUpperCase(),
      `${name} `,
      ` ${name}`,
      `\t${name}`,
      `x${name}`,
      `"${name}"`,
      'theme',
      '',
    ],
  ]
  const values = [real, other, '', '"', `"${real}"`, `${real}x`, 'x', `${name}=${other}`]
  const pair = fc.tuple(
    fc.constantFrom(...variants),
    fc.constantFrom('=', ' =', '= ', ''),
    fc.constantFrom(...values),
  )
  const pairs = fc.array(
    pair.map((each) => each.join('')),
    { maxLength: 5 },
  )
  const proof = fc.constantFrom('', ada.cookie, bob.cookie)
  const path = fc.constantFrom('/page/x', '/mine/x', '/public/x', '/observed/x')
  let arrivals = 0
  const holds = async (path: string, first: string, rest: readonly string[]): Promise<void> => {
    const before = web.seen.length
    await gateway.request(path, { headers: { cookie: [first, ...rest].join(';') || 'a=1' } })
    const [seen] = web.seen.slice(before)
    if (seen === undefined) return
    const arrived = seen.rawHeaders.filter(isCookie).flatMap((line) => line.split(';'))
    const theirs = arrived
      .map((each) => each.trim())
      .filter((each) => /^(?:__Host-|__Secure-)?better-auth\./.test(each))
      .filter((each) => !each.startsWith('better-auth.dont_remember='))
    const user = seen.headers['x-user-id']
    const wanted = user === undefined ? [] : [user]
    assert.deepEqual(
      theirs.map((each) => proofs.get(each)),
      wanted,
    )
    assert.ok(theirs.length === 0 || path !== '/public/x')
    arrivals += theirs.length
  }
  await fc.assert(fc.asyncProperty(path, proof, pairs, holds), { numRuns: 500, seed: 22 })
  t.ok(arrivals > 50, `it has arrived ${String(arrivals)} times`)
})

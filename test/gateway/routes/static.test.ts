import t from 'tap'
import { signUp } from '../../helper/gateway.ts'
import { sql } from '../../session/calls.ts'
import { navigation, startSite } from './site.ts'

t.test('a file is served as it is, with its type and validators', async (t) => {
  const site = await startSite(t)
  const types: Record<string, RegExp> = {
    'a.js': /^(?:text|application)\/javascript/,
    'a.mjs': /^(?:text|application)\/javascript/,
    'a.css': /^text\/css; charset=utf-8$/,
    'a.html': /^text\/html; charset=utf-8$/,
    'a.json': /^application\/json/,
    'a.svg': /^image\/svg\+xml/,
    'a.wasm': /^application\/wasm$/,
    'a.woff2': /^font\/woff2$/,
    'a.unknown-type': /^application\/octet-stream$/,
  }
  for (const [file, type] of Object.entries(types)) {
    site.write(`deep/${file}`, `content of ${file}`)
    const reply = await site.request(`/deep/${file}`)
    t.match(reply, { status: 200, text: `content of ${file}` }, file)
    t.match(reply.headers, {
      'content-type': type,
      'content-length': String(`content of ${file}`.length),
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'x-request-id': /./,
      etag: /^W\/".+"$/,
      'last-modified': /GMT$/,
    })
  }
})

t.test('names that are not plain ASCII are found in the spelling that browsers send', async (t) => {
  const site = await startSite(t)
  const names = {
    '/a%20b.txt': 'a b.txt',
    '/caf%C3%A9.txt': 'café.txt',
    '/a%3Fb.txt': 'a?b.txt',
    '/a%23b.txt': 'a#b.txt',
    "/it's%20(1)%20[x]+.txt": "it's (1) [x]+.txt",
    '/%E6%97%A5%E6%9C%AC.txt': '日本.txt',
  }
  for (const [target, name] of Object.entries(names)) {
    site.write(name, name)
    t.match(await site.request(target), { status: 200, text: name }, name)
  }
})

t.test('HEAD is GET without the content, also for the page of the app', async (t) => {
  const site = await startSite(t)
  for (const path of ['/logo.svg', '/', '/deep/link']) {
    const headers = { ...navigation, range: 'bytes=0-1' }
    const got = await site.request(path, { headers: navigation })
    const head = await site.request(path, { method: 'HEAD', headers })
    t.match(head, { status: 200, text: '' }, path)
    for (const name of [
      'content-type',
      'content-length',
      'etag',
      'cache-control',
      'accept-ranges',
    ]) {
      t.equal(head.headers[name], got.headers[name], `${path} ${name}`)
    }
  }
})

t.test('a client that has the file gets a 304, and one that wants a part gets it', async (t) => {
  const site = await startSite(t)
  site.write('ten.txt', '0123456789')
  const whole = await site.request('/ten.txt')
  const etag = String(whole.headers['etag'])
  const since = String(whole.headers['last-modified'])
  const ask = async (headers: Record<string, string>): Promise<readonly [number, string]> => {
    const { status, text } = await site.request('/ten.txt', { headers })
    return [status, text]
  }
  t.same(await ask({ 'if-none-match': etag }), [304, ''])
  t.same(await ask({ 'if-none-match': '"other"' }), [200, '0123456789'])
  t.same(await ask({ 'if-modified-since': since }), [304, ''])
  t.same(await ask({ range: 'bytes=2-4' }), [206, '234'])
  t.same(await ask({ range: 'bytes=-3' }), [206, '789'])
  t.same(await ask({ range: 'bytes=2-4', 'if-range': '"other"' }), [200, '0123456789'])
  t.same(await ask({ range: 'lines=1' }), [200, '0123456789'])
  const beyond = await site.request('/ten.txt', { headers: { range: 'bytes=10-' } })
  t.match(beyond, { status: 416, headers: { 'content-range': 'bytes */10' } })
  const unmet = await site.request('/ten.txt', { headers: { 'if-match': '"other"' } })
  t.match(unmet, { status: 412, headers: { 'cache-control': 'no-store' } })
})

t.test('what has a hash in its name is kept for a year, the rest is asked for again', async (t) => {
  const site = await startSite(t)
  const caching = async (path: string): Promise<unknown> =>
    (await site.request(path, { headers: navigation })).headers['cache-control']
  t.equal(await caching('/assets/index-BkU7nDqN.js'), 'public, max-age=31536000, immutable')
  t.equal(await caching('/logo.svg'), 'no-cache')
  t.equal(await caching('/index.html'), 'no-cache')
  t.equal(await caching('/deep/link'), 'no-cache')
})

t.test('only a person is given the app where no file is', async (t) => {
  const site = await startSite(t)
  const page = await site.request('/deep/link?x=1', { headers: navigation })
  t.match(page, { status: 200, headers: { 'content-type': /^text\/html/ } })
  t.match(page.text, '<title>app</title>')
  for (const path of ['/assets/index-OldOne12.js', '/missing.png', '/nowhere', '/nowhere/']) {
    const reply = await site.request(path, { headers: { accept: '*/*' } })
    t.match(reply.json(), { status: 404, code: 'route_not_found' }, path)
    t.equal(reply.headers['content-type'], 'application/problem+json')
  }
  const opened = await site.request('/assets/index-OldOne12.js', { headers: navigation })
  t.equal(opened.status, 404, 'a script that is gone is no page, whoever asks')
  const script = { 'sec-fetch-mode': 'no-cors', accept: 'text/html' }
  t.equal((await site.request('/deep/link', { headers: script })).status, 404)
})

t.test('other methods are a 405 that says which there are', async (t) => {
  const site = await startSite(t)
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'] as const) {
    const reply = await site.request('/logo.svg', { method })
    t.match(reply.json(), { code: 'method_not_allowed' }, method)
    t.equal(reply.headers['allow'], 'GET, HEAD')
  }
})

t.test('a protected site asks for a login, and nothing shared keeps its files', async (t) => {
  const site = await startSite(t, {
    routes: `
  - name: app
    match: { path: /* }
    static: { dir: ./web, fallback: index.html }
    headers: { response: { X-Frame-Options: DENY } }`,
  })
  const stranger = await site.request('/logo.svg')
  t.match(stranger.json(), { code: 'credential_missing' })
  const visitor = await site.request('/deep', { headers: navigation })
  t.match(visitor, { status: 302, headers: { location: '/_gateway/login?return_to=%2Fdeep' } })
  const { cookie } = await signUp(site)
  const caching = async (path: string): Promise<unknown> => {
    const reply = await site.request(path, { headers: { ...navigation, cookie } })
    t.match(reply, { status: 200, headers: { 'x-frame-options': 'DENY' } }, path)
    return reply.headers['cache-control']
  }
  t.equal(await caching('/assets/index-BkU7nDqN.js'), 'private, max-age=31536000, immutable')
  t.equal(await caching('/deep'), 'private, no-cache')
})

t.test(
  'a session that is due is extended by a file too, and the answer is for nobody else',
  async (t) => {
    const site = await startSite(t, {
      routes: `
  - name: app
    match: { path: /* }
    static: { dir: ./web }
    headers: { response: { Cache-Control: public } }`,
    })
    const { cookie } = await signUp(site)
    const usual = await site.request('/logo.svg', { headers: { cookie } })
    t.equal(usual.headers['cache-control'], 'public', 'the route has said so')
    const inFiveDays = new Date(Date.now() + 5 * 86_400_000).toISOString()
    sql(site, 'UPDATE session SET expiresAt = ?', inFiveDays)
    site.clock.offsetMs = 60_000
    const reply = await site.request('/logo.svg', { headers: { cookie } })
    t.equal(reply.status, 200)
    t.match(reply.headers, { 'cache-control': 'private, no-store', 'set-cookie': /session_token=/ })
  },
)

t.test(
  'a page of another origin can load what a route shares, and read what went wrong',
  async (t) => {
    const site = await startSite(t, {
      routes: `
  - name: app
    match: { path: /* }
    static: { dir: ./web }
    auth: none
    cors: { origins: ["https://partner.test"] }
    rateLimit: { requests: 100, per: 1m, by: ip }`,
    })
    const headers = { origin: 'https://partner.test' }
    const replies = {
      200: await site.request('/logo.svg', { headers }),
      206: await site.request('/logo.svg', { headers: { ...headers, range: 'bytes=0-1' } }),
      304: await site.request('/logo.svg', { headers: { ...headers, 'if-none-match': '*' } }),
      404: await site.request('/missing.svg', { headers }),
      412: await site.request('/logo.svg', { headers: { ...headers, 'if-match': '"x"' } }),
      416: await site.request('/logo.svg', { headers: { ...headers, range: 'bytes=999-' } }),
    }
    for (const [status, reply] of Object.entries(replies)) {
      t.equal(reply.status, Number(status))
      t.match(reply.headers, {
        'access-control-allow-origin': 'https://partner.test',
        vary: 'Origin',
        'ratelimit-limit': '100',
      })
    }
  },
)

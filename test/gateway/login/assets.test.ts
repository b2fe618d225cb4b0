import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startGateway } from '../../helper/gateway.ts'

const upstream = 'http://127.0.0.1:9'
const webp = 'RIFF\0\0\0\0WEBPVP8 '
const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'

const navigation = { 'sec-fetch-mode': 'navigate', accept: 'text/html' }

t.test(
  'the page runs modules that name each other, kept for as long as they are the same',
  async (t) => {
    const gateway = await startGateway(t, { upstream })
    const { text } = await gateway.request('/_gateway/login')
    const entry = /<script type="module" src="([^"]+)"/.exec(text)?.[1] ?? ''
    const seen = new Set<string>()
    const fetchWith = async (path: string): Promise<void> => {
      if (seen.has(path)) return
      seen.add(path)
      const reply = await gateway.request(path)
      t.equal(reply.status, 200, path)
      t.match(reply.headers, {
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'",
      })
      for (const [, name = ''] of reply.text.matchAll(/ from '\.\/([a-z]+\.js)'/g))
        await fetchWith(path.replace(/[a-z]+\.js$/, name))
    }
    await fetchWith(entry)
    t.ok(seen.size > 4)
    const head = await gateway.request(entry, { method: 'HEAD' })
    t.match([head.status, head.text], [200, ''])
  },
)

t.test('nothing else is below their path', async (t) => {
  const gateway = await startGateway(t, { upstream })
  for (const path of ['', '/', '/x', '/main.js', '/x/main.js', '/constructor', '/types.ts']) {
    const reply = await gateway.request(`/_gateway/pages${path}`)
    t.match([reply.status, reply.headers['x-sallyport-code']], [404, 'route_not_found'], path)
  }
  t.equal((await gateway.request('/_gateway/pages/..%2fsecret')).status, 400)
  t.equal((await gateway.request('/_gateway/pages/x', { method: 'POST' })).status, 405)
})

t.test('every page has a nonce of its own', async (t) => {
  const gateway = await startGateway(t, { upstream })
  const nonces = new Set<string>()
  for (let page = 0; page < 5; page += 1) {
    const { text, headers } = await gateway.request('/_gateway/login')
    const nonce = / nonce="([^"]+)"/.exec(text)?.[1] ?? ''
    t.match(headers['content-security-policy'], `script-src 'nonce-${nonce}'`)
    t.equal(Buffer.from(nonce, 'base64').length, 16)
    nonces.add(nonce)
  }
  t.equal(nonces.size, 5)
})

t.test('name and logo are on the login page and on refusals, and follow a reload', async (t) => {
  const gateway = await startGateway(t, {
    upstream,
    yaml: 'pages: { name: "Acme & Co", logo: ./logo.webp }',
    files: { 'logo.webp': webp },
  })
  const logoOf = (text: string) => /<img class="logo" src="([^"]+)"/.exec(text)?.[1] ?? 'none'
  const login = await gateway.request('/_gateway/login')
  t.match(login.text, '<title>Sign in to Acme &amp; Co</title>')
  const refusal = await gateway.request('/none', { headers: navigation })
  t.equal(refusal.status, 404)
  t.match(refusal.text, '<title>Not found (404) · Acme &amp; Co</title>')
  t.equal(logoOf(refusal.text), logoOf(login.text))
  t.match(refusal.headers['content-security-policy'], "img-src 'self'")
  const image = await gateway.request(logoOf(login.text))
  t.match(image, { status: 200, headers: { 'content-type': 'image/webp' } })
  writeFileSync(join(gateway.folder, 'logo.svg'), svg)
  gateway.reload({ yaml: 'pages: { name: Other, logo: ./logo.svg }' })
  const after = await gateway.request('/_gateway/login')
  t.match(after.text, '<title>Sign in to Other</title>')
  t.match((await gateway.request(logoOf(after.text))).headers, { 'content-type': 'image/svg+xml' })
  t.equal((await gateway.request(logoOf(login.text))).status, 404)
})

t.test(
  'a logo that is of no use is said when the gateway starts, and changes nothing later',
  async (t) => {
    const files = {
      'text.png': 'no image',
      'page.svg': '<html><svg></svg></html>',
      'large.png': webp.padEnd(262_145, 'x'),
    }
    const withLogo = (logo: string) => ({ upstream, yaml: `pages: { logo: ${logo} }`, files })
    for (const [logo, message] of [
      ['./none.svg', /^pages\.logo: .*none\.svg cannot be read \(ENOENT\)$/],
      ['./text.png', /^pages\.logo: .*text\.png holds no SVG, PNG, JPEG or WebP image$/],
      ['./page.svg', /^pages\.logo: .*page\.svg holds no SVG/],
      ['./large.png', /^pages\.logo: .*large\.png is larger than 256 kB$/],
    ] as const)
      await t.rejects(startGateway(t, withLogo(logo)), { name: 'StartupError', message })
    const gateway = await startGateway(t, { upstream, files })
    t.throws(() => {
      gateway.reload({ yaml: 'pages: { name: Acme, logo: ./text.png }' })
    }, /holds no SVG/)
    t.match((await gateway.request('/_gateway/login')).text, '<title>Sign in</title>')
  },
)

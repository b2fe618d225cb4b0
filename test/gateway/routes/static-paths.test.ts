import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:net'
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { navigation, startSite } from './site.ts'

t.test('nothing outside the folder is served, however the path is spelled', async (t) => {
  const site = await startSite(t)
  writeFileSync(join(site.folder, 'secret.txt'), 'top secret')
  for (const target of [
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/..\\secret.txt',
    '/assets/%2e./../secret.txt',
    '/..;/secret.txt',
    '//etc/passwd',
    '/%2fetc/passwd',
    '/logo.svg%00.html',
    '/%c0%ae%c0%ae/secret.txt',
    '/web/../../secret.txt',
  ]) {
    const reply = await site.raw(
      `GET ${target} HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n`,
    )
    t.match(reply, /^HTTP\/1\.1 400 /, target)
    t.notMatch(reply, /top secret|root:/, target)
  }
})

t.test('a route that allows an encoded slash still stays in its folder', async (t) => {
  const site = await startSite(t, {
    routes: `
  - name: app
    match: { path: /*, allow: ["%2F", "%25", ";"] }
    static: { dir: ./web, fallback: index.html }
    auth: none`,
  })
  writeFileSync(join(site.folder, 'secret.txt'), 'top secret')
  for (const target of ['/..%2fsecret.txt', '/%2e%2e%2fsecret.txt', '/%252e%252e/secret.txt']) {
    const reply = await site.request(target, { headers: navigation })
    t.notMatch(reply.text, 'top secret', target)
  }
  t.equal((await site.request('/assets%2Findex-BkU7nDqN.js')).status, 200)
  site.write('50%;v=1.txt', 'odd')
  t.match(await site.request('/50%25;v=1.txt'), { status: 200, text: 'odd' })
})

t.test('names that begin with a dot are not there', async (t) => {
  const site = await startSite(t)
  for (const file of ['.env', '.git/config', 'assets/.hidden.js', '..data/x.txt']) {
    site.write(file, 'top secret')
    const reply = await site.request(`/${file}`)
    t.match(reply.json(), { code: 'route_not_found' }, file)
  }
})

t.test('a link that leaves the folder leads nowhere, one inside it works', async (t) => {
  const site = await startSite(t)
  const web = join(site.folder, 'web')
  writeFileSync(join(site.folder, 'secret.txt'), 'top secret')
  mkdirSync(join(site.folder, 'website'))
  writeFileSync(join(site.folder, 'website', 'index.html'), 'top secret')
  symlinkSync('../secret.txt', join(web, 'out.txt'))
  symlinkSync('..', join(web, 'up'))
  symlinkSync('../website', join(web, 'beside'))
  symlinkSync('loop', join(web, 'loop'))
  for (const path of ['/out.txt', '/up/secret.txt', '/beside/', '/beside/index.html', '/loop']) {
    const reply = await site.request(path)
    t.match(reply.json(), { code: 'route_not_found' }, path)
  }
  // As volumes of Kubernetes look: the names are links to a hidden folder that is swapped whole.
  site.write('..2026/config.js', 'inside')
  symlinkSync('..2026', join(web, '..data'))
  symlinkSync('..data/config.js', join(web, 'config.js'))
  t.match(await site.request('/config.js'), { status: 200, text: 'inside' })
})

t.test('a folder is its index.html, and is never listed', async (t) => {
  const site = await startSite(t)
  site.write('docs/index.html', 'the docs')
  site.write('docs/a/b.txt', 'b')
  t.match(await site.request('/docs/'), { status: 200, text: 'the docs' })
  const bare = await site.request('/docs?q=%2F%2Fx')
  t.match(bare, { status: 301, text: '', headers: { location: '/docs/?q=%2F%2Fx' } })
  t.match((await site.request('/docs/a')).json(), { code: 'route_not_found' })
  t.match((await site.request('/docs/a/')).json(), { code: 'route_not_found' })
  t.match((await site.request('/logo.svg/')).json(), { code: 'route_not_found' })
})

t.test('what is no plain file is not opened', async (t) => {
  const site = await startSite(t)
  const made = spawnSync('mkfifo', [join(site.folder, 'web', 'pipe.txt')])
  t.equal(made.status, 0)
  t.match((await site.request('/pipe.txt')).json(), { code: 'route_not_found' })
})

t.test('a pattern leads below itself: to the files, not to its own name', async (t) => {
  const site = await startSite(t, {
    routes: `
  - name: admin
    match: { path: [/admin/*, /robots.txt, "/{tenant}/app/*"] }
    static: { dir: ./web, fallback: index.html }
    auth: none`,
  })
  site.write('robots.txt', 'User-agent: *')
  site.write('acme/app/x.txt', 'of acme')
  t.equal((await site.request('/admin/logo.svg')).status, 200)
  t.match(await site.request('/admin'), { status: 301, headers: { location: '/admin/' } })
  t.match((await site.request('/admin/')).text, '<title>app</title>')
  t.match(
    (await site.request('/admin/users/7', { headers: navigation })).text,
    '<title>app</title>',
  )
  t.match((await site.request('/admin/admin/logo.svg')).json(), { code: 'route_not_found' })
  t.equal((await site.request('/robots.txt')).text, 'User-agent: *')
  t.equal((await site.request('/acme/app/x.txt')).text, 'of acme')
})

t.test('a folder that is not there answers 404 and works once it is', async (t) => {
  const site = await startSite(t)
  rmSync(join(site.folder, 'web'), { recursive: true })
  const missing = await site.request('/', { headers: { accept: '*/*' } })
  t.match(missing.json(), { code: 'route_not_found' })
  t.notMatch(missing.text, site.folder)
  site.write('index.html', 'there')
  t.match(await site.request('/'), { status: 200, text: 'there' })
})

t.test('a file that becomes shorter while it is sent ends in a visible cut', async (t) => {
  const site = await startSite(t)
  site.write('big.bin', Buffer.alloc(64_000_000, 'x'))
  const { port } = new URL(site.url)
  const socket = connect(Number(port), '127.0.0.1')
  let received = 0
  socket.on('error', () => undefined)
  socket.write('GET /big.bin HTTP/1.1\r\nHost: app.test\r\n\r\n')
  await new Promise<void>((resolve) => {
    socket.once('data', (chunk: Buffer) => {
      socket.pause()
      received += chunk.length
      resolve()
    })
  })
  writeFileSync(join(site.folder, 'web', 'big.bin'), 'short')
  socket.on('data', (chunk: Buffer) => (received += chunk.length))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.resume()
  await closed
  t.ok(received < 64_000_000, 'the connection did not go on as if nothing had happened')
})

import t, { type Test } from 'tap'
import { open, rules, type Rule } from './rules.ts'
import {
  askAdmin,
  bearer,
  post,
  signInAt,
  startWithConsole,
  withToken,
  type AdminCall,
} from './stage.ts'

const reads = [
  '/console/state',
  '/console/refusals',
  '/console/configuration',
  '/console/refusals/x',
]

for (const [admin = withToken, some] of Map.groupBy(rules, (rule) => rule.admin)) {
  t.test(`what is shown where admin is { ${admin} }`, async (t) => {
    const gateway = await startWithConsole(t, { admin })
    for (const rule of some) {
      await t.test(rule.title, (t) => tryRule(t, gateway.admin, rule))
    }
  })
}

async function tryRule(
  t: Test,
  admin: string,
  { headers = () => [], read, status }: Rule,
): Promise<void> {
  // Guesses are counted: one of each kind is enough.
  const paths = read === 'token_wrong' ? reads.slice(0, 1) : reads
  for (const path of read === null ? paths : [...paths, '/console/events']) {
    const reply = await askAdmin(admin, path, { headers: headers(admin) })
    if (read === null) t.ok([200, 404].includes(reply.status), `${path}: ${reply.status}`)
    else {
      t.equal(reply.json()['code'], read, path)
      if (status !== undefined) t.equal(reply.status, status)
      t.notMatch(reply.text, /hash|yaml|refusals/)
    }
    t.equal(reply.headers['access-control-allow-origin'], undefined, 'no other page can read it')
    t.equal(reply.headers['cross-origin-resource-policy'], 'same-origin')
    t.equal(reply.headers['cache-control'], 'no-store')
  }
}

t.test('probes and metrics stay open, whoever asks', async (t) => {
  const { admin } = await startWithConsole(t, { admin: `listen: "${open}"` })
  for (const path of ['/livez', '/readyz', '/metrics']) {
    const headers = ['host', 'pod.test', 'x-forwarded-for', '203.0.113.1']
    t.equal((await askAdmin(admin, path, { headers })).status, 200, path)
  }
})

t.test('the page itself is open, because one signs in there, and says nothing', async (t) => {
  const { admin } = await startWithConsole(t, { admin: withToken.replace('127.0.0.1:0', open) })
  const page = await askAdmin(admin, '/console/', { headers: ['host', 'gateway:9090'] })
  t.equal(page.status, 200)
  t.notMatch(page.text, /app\.test/)
  t.match(
    String(page.headers['content-security-policy']),
    /default-src 'none'.*require-trusted-types-for 'script'/,
  )
  t.notMatch(String(page.headers['content-security-policy']), /unsafe/)
  for (const [, file = ''] of page.text.matchAll(/(?:src|href)="((?:app\/|style)[^"]+)"/g)) {
    t.equal((await askAdmin(admin, `/console/${file}`)).status, 200, file)
  }
  for (const path of [
    '/console/nothing',
    '/console/app/../../x',
    '/console/app/types.ts',
    '/consolex',
  ]) {
    t.equal((await askAdmin(admin, path)).status, 404, path)
  }
  t.equal((await askAdmin(admin, '/console')).headers.location, '/console/')
  t.equal((await askAdmin(admin, '/')).headers.location, '/console/')
})

t.test('what changes something needs the token, on this machine too', async (t) => {
  const { admin } = await startWithConsole(t)
  const nobody = { user: 'nobody@example.com' }
  const cookie = await signInAt(admin)
  const attempts: readonly (readonly [string, AdminCall, string])[] = [
    ['nothing', post(nobody), 'token_required'],
    ['our page', post(nobody, ['sec-fetch-site', 'same-origin']), 'token_required'],
    ['a wrong token', post(nobody, bearer('x'.repeat(40))), 'token_wrong'],
    [
      'the cookie from our page',
      post(nobody, ['cookie', cookie, 'sec-fetch-site', 'same-origin']),
      'nobody',
    ],
    [
      'the cookie from our page in an old browser',
      post(nobody, ['cookie', cookie, 'origin', admin]),
      'nobody',
    ],
    [
      'the cookie from another port',
      post(nobody, ['cookie', cookie, 'sec-fetch-site', 'same-site']),
      'cross_site',
    ],
    [
      'the cookie from elsewhere',
      post(nobody, ['cookie', cookie, 'sec-fetch-site', 'cross-site']),
      'cross_site',
    ],
    [
      'the cookie from elsewhere in an old browser',
      post(nobody, ['cookie', cookie, 'origin', 'https://evil.test']),
      'cross_site',
    ],
    ['the cookie from nobody knows where', post(nobody, ['cookie', cookie]), 'cross_site'],
    [
      'the cookie twice',
      post(nobody, ['cookie', `${cookie}; ${cookie}`, 'sec-fetch-site', 'same-origin']),
      'token_required',
    ],
    ['the token', post(nobody, bearer()), 'nobody'],
    [
      'a form',
      { ...post(nobody, bearer()), headers: [...bearer(), 'content-type', 'text/plain'] },
      'request_malformed',
    ],
    ['the token by GET', { headers: bearer() }, 'method_not_allowed'],
    [
      'a body without end',
      { ...post(nobody, bearer()), body: JSON.stringify({ user: 'x'.repeat(5000) }) },
      'request_malformed',
    ],
  ]
  for (const [title, call, code] of attempts) {
    const reply = await askAdmin(admin, '/console/revoke', call)
    t.equal(reply.json()['code'], code, title)
  }
})

t.test('where no token is configured nothing can be changed, and nobody can sign in', async (t) => {
  const { admin } = await startWithConsole(t, { admin: 'listen: "127.0.0.1:0"' })
  for (const path of ['/console/revoke', '/console/sign-in']) {
    const reply = await askAdmin(
      admin,
      path,
      post({ user: 'x', token: '' }, ['sec-fetch-site', 'same-origin']),
    )
    t.equal(reply.json()['code'], 'controls_off', path)
    t.equal(reply.status, 403)
  }
})

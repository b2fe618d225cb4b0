import t from 'tap'
import { toAnswer, type AnswerRules } from '../../src/errors/answer.ts'
import { catalogue, type Code } from '../../src/errors/catalogue.ts'
import { isNavigation } from '../../src/errors/navigation.ts'
import { refuse, type Refusal } from '../../src/errors/refusal.ts'
import { readHead, type RequestHead } from '../../src/head.ts'

const rules: AnswerRules = {
  realm: 'app.test',
  publicUrl: 'https://app.test',
  loginPage: '/login',
  notReturnedTo: ['/api/auth'],
  clearCookies: ['better-auth.session_token=; Max-Age=0'],
  brand: { name: null, logo: null },
}

function head(method: string, target: string, ...raw: string[]): RequestHead {
  return readHead(method, target, raw)
}

const browser = ['Sec-Fetch-Mode', 'navigate', 'Accept', 'text/html']

t.test('every code has every field of the contract', async (t) => {
  for (const code of Object.keys(catalogue) as Code[]) {
    const answer = toAnswer(refuse(code), head('GET', '/api'), 'request-1', rules)
    const entry = catalogue[code]
    const body = JSON.parse(answer.body) as Record<string, unknown>
    t.match(body, {
      type: `https://sallyport.dev/problems/${code}`,
      title: String,
      status: entry.status,
      detail: String,
      code,
      action: entry.action,
      requestId: 'request-1',
    })
    t.equal(answer.status, entry.status)
    t.match(answer.headers, {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'x-request-id': 'request-1',
    })
    t.equal(
      'www-authenticate' in answer.headers,
      entry.status === 401,
      `${code}: a challenge with 401 only`,
    )
    t.equal(
      'login' in body,
      entry.action === 'login' || entry.action === 'refresh',
      `${code}: login`,
    )
    t.equal('refresh' in body, entry.action === 'refresh', `${code}: refresh`)
    t.notOk('set-cookie' in answer.headers, `${code}: no cookie is cleared unasked`)
  }
})

t.test('the challenge names an error only when a token was presented', async (t) => {
  const missing = toAnswer(refuse('credential_missing'), head('GET', '/'), 'r', rules)
  t.equal(missing.headers['www-authenticate'], 'Bearer realm="app.test"')
  const expired = toAnswer(
    refuse('token_expired', { tokenPresented: true, detail: 'It "expired"\r\nX: y' }),
    head('GET', '/'),
    'r',
    rules,
  )
  t.equal(
    expired.headers['www-authenticate'],
    'Bearer realm="app.test", error="invalid_token", error_description="It \'expired\'\'\'X: y"',
  )
})

t.test('a navigation goes to the login page and back', async (t) => {
  const answer = toAnswer(
    refuse('credential_missing'),
    head('GET', '/todos?page=2', ...browser),
    'r',
    rules,
  )
  t.equal(answer.status, 302)
  t.equal(answer.headers['location'], '/login?return_to=%2Ftodos%3Fpage%3D2')
  const post = toAnswer(
    refuse('credential_missing'),
    head('POST', '/todos', ...browser, 'Referer', 'https://app.test/form?x'),
    'r',
    rules,
  )
  t.equal(post.headers['location'], '/login?return_to=%2Fform%3Fx')
  const foreign = toAnswer(
    refuse('credential_missing'),
    head('POST', '/todos', ...browser, 'Referer', 'https://evil.test/form'),
    'r',
    rules,
  )
  t.equal(foreign.headers['location'], '/login')
})

t.test('a refusal that a login does not help is a page, not a redirect', async (t) => {
  for (const code of [
    'upstream_unauthorized',
    'route_not_found',
    'session_store_unavailable',
  ] as const) {
    const answer = toAnswer(refuse(code), head('GET', '/x', ...browser), 'r', rules)
    t.equal(answer.status, catalogue[code].status)
    t.match(answer.headers['content-type'], /^text\/html/)
    t.match(answer.body, code)
  }
})

t.test('for programs, return_to is the page that asked', async (t) => {
  const from = (referer: string): unknown => {
    const answer = toAnswer(
      refuse('credential_missing'),
      head('GET', '/api/x', 'Referer', referer),
      'r',
      rules,
    )
    return (JSON.parse(answer.body) as { login: string }).login
  }
  t.equal(from('https://app.test/todos?a=b#frag'), '/login?return_to=%2Ftodos%3Fa%3Db')
  t.equal(from('https://evil.test/todos'), '/login')
  t.equal(from('nonsense'), '/login')
  t.equal(from('https://app.test//evil.test/x'), '/login?return_to=%2F')
})

t.test('only a person looking is a navigation', async (t) => {
  const cases: readonly (readonly [boolean, RequestHead, string])[] = [
    [true, head('GET', '/', ...browser), 'a browser'],
    [true, head('POST', '/', ...browser), 'a form'],
    [
      true,
      head('GET', '/', 'Accept', 'text/html,application/xhtml+xml,*/*;q=0.8'),
      'an old browser',
    ],
    [false, head('GET', '/', 'Accept', '*/*'), 'curl'],
    [false, head('GET', '/', 'Accept', 'application/json, text/html;q=0.9'), 'prefers JSON'],
    [false, head('GET', '/', 'Accept', 'text/html;q=0'), 'refuses HTML'],
    [false, head('GET', '/', 'Sec-Fetch-Mode', 'cors', 'Accept', 'text/html'), 'fetch'],
    [false, head('GET', '/', 'Accept', 'text/event-stream'), 'EventSource'],
    [false, head('GET', '/', 'Sec-Fetch-Mode', 'websocket', 'Upgrade', 'websocket'), 'WebSocket'],
    [false, head('HEAD', '/', ...browser), 'HEAD'],
    [false, head('POST', '/', 'Accept', 'text/html'), 'a POST of unknown origin'],
  ]
  for (const [expected, given, why] of cases) t.equal(isNavigation(given), expected, why)
})

t.test('a dead session cookie is cleared, on the redirect too', async (t) => {
  const dead = refuse('session_expired', { clearCookies: true })
  t.same(toAnswer(dead, head('GET', '/'), 'r', rules).headers['set-cookie'], rules.clearCookies)
  t.same(
    toAnswer(dead, head('GET', '/', ...browser), 'r', rules).headers['set-cookie'],
    rules.clearCookies,
  )
})

t.test('who signed in too long ago is sent to sign in again, and not straight back', async (t) => {
  const stale = refuse('session_not_fresh')
  const person = toAnswer(stale, head('GET', '/vault?a=b', ...browser), 'r', rules)
  t.equal(person.status, 302)
  t.equal(person.headers['location'], '/login?reauth=1&return_to=%2Fvault%3Fa%3Db')
  const program = toAnswer(stale, head('POST', '/vault'), 'r', rules)
  t.equal(program.status, 403)
  t.match(JSON.parse(program.body), { action: 'login', login: '/login?reauth=1' })
  const elsewhere = { ...rules, loginPage: 'https://login.test/?app=7' }
  const { body } = toAnswer(stale, head('POST', '/vault'), 'r', elsewhere)
  t.match(JSON.parse(body), { login: 'https://login.test/?app=7&reauth=1' })
})

t.test('a token that lacks a scope is challenged for it, whoever has none is not', async (t) => {
  const challengeOf = (refusal: Refusal): unknown =>
    toAnswer(refusal, head('GET', '/'), 'r', rules).headers['www-authenticate']
  const detail = 'More is needed.'
  const lacking = { detail, scope: 'items:read items:write' }
  t.equal(
    challengeOf(refuse('scope_missing', { ...lacking, tokenPresented: true })),
    'Bearer realm="app.test", error="insufficient_scope", error_description="More is needed.", scope="items:read items:write"',
  )
  t.equal(challengeOf(refuse('scope_missing', lacking)), undefined)
  t.equal(challengeOf(refuse('role_missing', { tokenPresented: true })), undefined)
})

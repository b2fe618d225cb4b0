import t from 'tap'
import { compareConfigs } from '../../src/compare/compare.ts'
import { configOf } from './populated.ts'

const head = `server: { publicUrl: 'https://app.test' }
auth: { signUp: closed }
upstreams: { api: http://127.0.0.1:8000, other: http://127.0.0.1:8001 }
`

/** `kind message`, of routes in flow style, one a line. */
function said(before: string, after: string): readonly string[] {
  const toConfig = (text: string) => configOf(`${head}routes:\n${text}`)
  const { changes } = compareConfigs(toConfig(before), toConfig(after))
  return changes.map(({ kind, message }) => `${kind} ${message}`)
}

function route(path: string, more = ''): string {
  return `  - { match: { path: '${path}' }, upstream: api${more === '' ? '' : `, ${more}`} }\n`
}

t.test('a more specific route that is public opens what the old one protected', async (t) => {
  const old = route('/api/*')
  t.strictSame(said(old, old + route('/api/reports/*', 'auth: none')), [
    'loosens `/api/reports/*` becomes public (was: required); route `api-reports` is new',
  ])
  t.strictSame(said(old + route('/api/reports/*', 'auth: { roles: [admin] }'), old), [
    'loosens role admin is no longer needed on `/api/reports/*`; route `api-reports` is gone',
  ])
})

t.test('where patterns cross, what both match is named', async (t) => {
  const old = route('/{team}/reports')
  t.strictSame(said(old, old + route('/sales/*', 'auth: none')), [
    'loosens `/sales/*` becomes public (was: not served); route `sales` is new',
    'loosens `/sales/reports` becomes public (was: required); route `sales` is new',
  ])
})

t.test('the order of routes, their forms and what is said by default mean nothing', async (t) => {
  const [a, b] = [route('/a'), route('/b', 'auth: none')]
  t.strictSame(said(a + b, b + a), [])
  t.strictSame(said(a, route('/a', 'name: a, auth: required, bodyLimit: 1024KB')), [])
  const roles = route('/a', 'auth: { roles: [x, y] }')
  t.strictSame(said(roles, route('/a', 'auth: { roles: [y, x] }')), [])
  t.strictSame(
    said(route('/{a}/x', 'auth: { owner: a }'), route('/{b}/x', 'name: a-x, auth: { owner: b }')),
    [],
  )
})

t.test('a path that is served anew is looser only where anybody gets through', async (t) => {
  const old = route('/a')
  t.match(said(old, old + route('/b')), [/^changes `\/b` is served to those who are signed in/])
  t.match(said(old, old + route('/b', 'auth: optional')), [
    /^loosens `\/b` is open to requests without a credential \(was: not served\)/,
  ])
  t.match(said(old, old + route('/b', 'enforce: false')), [/^loosens `\/b` refuses nobody/])
})

t.test('of scopes all are needed, of roles one', async (t) => {
  const roles = (list: string) => route('/a', `auth: { roles: [${list}] }`)
  t.strictSame(said(roles('x'), roles('x, y')), ['loosens role y is enough too on `/a`'])
  const scopes = (list: string) => route('/a', `auth: { accept: [bearer], scopes: [${list}] }`)
  t.strictSame(said(scopes('x'), scopes('x, y')), ['tightens scope y is needed on `/a`'])
  t.strictSame(
    said(
      route('/a', 'auth: { scopes: [x] }'),
      route('/a', 'auth: { accept: [session, bearer, apiKey], scopes: [x] }'),
    ),
    ['loosens session is accepted on `/a`'],
  )
})

t.test('a limit is looser when more is allowed, at once or over time', async (t) => {
  const limit = (text: string) => route('/a', `rateLimit: { ${text} }`)
  const per = limit('requests: 300, per: 1m')
  t.match(said(per, limit('requests: 600, per: 1m')), [
    'loosens limit of route `a` from 300 per 1m to 600 per 1m',
  ])
  t.match(said(per, limit('requests: 300, per: 2m')), [/^tightens /])
  // As much over time, and ten times as much at once.
  t.match(said(per, limit('requests: 3000, per: 10m')), [/^loosens /])
  t.match(said(per, route('/a')), ['loosens no limit any more on route `a` (was: 300 per 1m)'])
})

t.test('a host that gets a route of its own is compared with what it had before', async (t) => {
  const old = route('/*')
  const own = `  - { name: own, match: { path: /*, host: app.test }, upstream: api, auth: none }\n`
  t.strictSame(said(old, old + own), [
    'loosens `/*` at app.test becomes public (was: required); route `own` is new',
  ])
  const other = own.replace('app.test', 'new.test')
  t.match(said(old, old + other), [
    /^loosens `\/\*` at new\.test becomes public/,
    'changes `match.host`: requests to new.test are accepted',
  ])
})

t.test('a header that is no longer ours is one that clients can send', async (t) => {
  const file = (headers: string) =>
    configOf(`${head}identity: { headers: { ${headers} } }\nroutes:\n${route('/a')}`)
  const { changes } = compareConfigs(file('X-User-Role: user.role'), file('X-User-Name: user.name'))
  t.match(changes, [
    { kind: 'loosens', id: 'identity.headers-x-user-role', message: /a client can send its own/ },
    { kind: 'changes', id: 'identity.headers+x-user-name' },
  ])
})

t.test('what becomes of sessions and tokens is said of secrets, and nothing else', async (t) => {
  const [a, b] = ['k7QmZ2xW9vB4nT6yR1cJ8hL3gF5dS0aP', 'h3Vc8bZr2Kq9Wt7Lf4Xn6Jh1Pd5Gs0Yu']
  const [c, d] = ['e9UoI4zX7qC2mV5bN8tG1wK6rY3jH0fD', 'r5Tc8bZr2Kq9Wt7Lf4Xn6Jh1Pd5Gs0Yo']
  const file = (auth: string, bearer: string) =>
    configOf(`auth: { signUp: closed, secret: [${auth}] }\nbearer: { secret: [${bearer}] }
upstreams: { api: http://127.0.0.1:8000 }\nroutes:\n${route('/a')}`)
  const messages = (...pairs: [string, string, string, string]) =>
    compareConfigs(file(pairs[0], pairs[2]), file(pairs[1], pairs[3])).changes.map(
      ({ message }) => message,
    )
  t.strictSame(messages(a, b, c, `${d}, ${c}`), [
    '`auth.secret`: cookie secrets changed (everybody is signed out)',
    '`bearer.secret` rotated: another one signs what FastAPI and browsers get; tokens that are signed with what is new are accepted',
  ])
  t.strictSame(messages(a, `${b}, ${a}`, `${d}, ${c}`, d), [
    '`auth.secret` rotated: another one signs, nobody is signed out',
    '`bearer.secret`: tokens that were signed with what is gone are refused',
  ])
})

t.test('an upstream that gets session cookies is looser, be it a new one', async (t) => {
  const file = (upstreams: string) =>
    configOf(`auth: { mode: remote, url: 'http://web', secret: none, pushSecret: '' }
upstreams: { api: http://api, ${upstreams} }\nroutes:\n${route('/a')}`)
  const web = (sessionCookie: string): string =>
    `web: { url: http://web, sessionCookie: ${sessionCookie} }`
  const changes = (before: string, after: string): readonly string[] =>
    compareConfigs(file(before), file(after)).changes.map(
      ({ kind, id, message }) => `${kind} ${id} ${message}`,
    )
  const [id, what] = ['upstreams.web.sessionCookie', '`upstreams.web.sessionCookie` is now']
  const loosens = `loosens ${id}=forward ${what} forward: session cookies travel there, and it may set them`
  t.strictSame(changes(web('strip'), web('forward')), [loosens])
  t.strictSame(changes(web('forward'), web('strip')), [
    `tightens ${id}=strip ${what} strip: no session cookie travels there, and it may set none`,
  ])
  t.ok(changes('', web('forward')).includes(loosens))
  t.notOk(changes('', web('strip')).some((each) => each.includes('sessionCookie')))
})

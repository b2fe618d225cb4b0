import t from 'tap'
import { formatProblem } from '../../src/config/problem.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { secrets } from './gateway-file.ts'

/** What `check --strict` says, without what `check` says anyway. */
function strictly(text: string): readonly string[] {
  const warnings = (strict: boolean): readonly string[] =>
    parseConfig(`auth: { signUp: closed, trustedOrigins: [${origins}] }\n${text}`, {
      file: 'f',
      lookup: (name) => secrets[name],
      resolvePath: (path) => path,
      strict,
    }).problems.map(formatProblem)
  const usual = warnings(false)
  return warnings(true).filter((each) => !usual.includes(each))
}

const origins = "'https://a.test', 'http://localhost:3000'"
const upstreams = 'upstreams: { api: http://127.0.0.1:8000 }\n'

function route(more: string): readonly string[] {
  return strictly(`${upstreams}routes:\n  - { upstream: api, ${more} }\n`)
}

t.test('a public route says its methods, and limits what can change something', async (t) => {
  const text = (methods: string) => `match: { path: /a${methods} }, auth: none`
  t.strictSame(route(text('')), [
    'f:4:29 warning: routes[0].match: public for every method: say `methods`',
  ])
  t.strictSame(route(text(', methods: [POST]')), [
    'f:4:29 warning: routes[0].match: anybody can change something here, as often as they like: say `rateLimit`',
  ])
  t.strictSame(route(text(', methods: [GET]')), [])
  const limited = `${text(', methods: [POST]')}, rateLimit: { requests: 5, per: 1m }`
  t.strictSame(route(limited), [])
  t.strictSame(route('match: { path: /a }'), [])
  t.strictSame(route('match: { path: /a }, auth: optional'), [])
})

t.test('a public route for everything is asked about; files are meant to be public', async (t) => {
  t.strictSame(route('match: { path: [/a, /*], methods: [GET] }, auth: none'), [
    'f:4:42 warning: routes[0].match.path[1]: whatever no other route serves is public',
  ])
  const files = '  - { match: { path: /* }, static: { dir: ./web }, auth: none }\n'
  t.strictSame(strictly(`${upstreams}routes:\n${files}`), [])
})

t.test('defaults, origins and lifetimes that open more than they seem to', async (t) => {
  const rest = `${upstreams}routes: [{ match: { path: /a }, upstream: api, auth: required }]\n`
  t.match(strictly(`defaults: { auth: none }\n${rest}`), [
    /defaults\.auth: a route that forgets `auth` lets anybody through/,
  ])
  t.match(strictly(`bearer: { maxLifetime: 31d }\n${rest}`), [/bearer\.maxLifetime: .*30 days/])
  t.strictSame(strictly(`bearer: { maxLifetime: 30d }\n${rest}`), [])
  t.match(route("match: { path: /a }, cors: { origins: ['https://b.test', 'http://c.test'] }"), [
    /routes\[0\]\.cors\.origins\[1\]: without https, whoever is on the way/,
  ])
})

t.test('session cookies travel to where Better Auth is, or that is asked about', async (t) => {
  const cookies = (url: string, sessionCookie: string): readonly string[] => {
    const text = `auth: { mode: remote, url: 'http://web:3000/app', secret: none }
upstreams: { web: { url: '${url}', sessionCookie: ${sessionCookie} } }
routes: [{ match: { path: /a }, upstream: web }]`
    const parsed = parseConfig(text, {
      file: 'f',
      lookup: (name) => secrets[name],
      resolvePath: (path) => path,
      strict: true,
    })
    return parsed.problems.map(formatProblem).filter((each) => each.includes('upstreams'))
  }
  t.strictSame(cookies('http://web:3000', 'forward'), [])
  t.strictSame(cookies('http://web:3001', 'strip'), [])
  t.strictSame(cookies('http://web:3001', 'forward'), [
    'f:2:60 warning: upstreams.web.sessionCookie: session cookies travel to another server than the one of `auth.url`',
  ])
})

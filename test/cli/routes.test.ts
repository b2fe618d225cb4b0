import t from 'tap'
import { toRows } from '../../src/cli/routes.ts'
import { parse } from '../config/gateway-file.ts'
import { run, minimal } from './run.ts'

/** The rows of what a file says, without those of the gateway itself. */
function rowsOf(text: string) {
  const { config } = parse(text)
  if (config === null) throw new Error('the file has a problem')
  return toRows(config, '/srv/app').filter(({ name }) => name !== '-')
}

const upstreams = "upstreams: { api: 'http://127.0.0.1:8000' }\n"

t.test('a static route shows its folder as the file could have written it', async (t) => {
  const rows = rowsOf(`${upstreams}routes:
  - { name: app, match: { path: /* }, static: { dir: ./web/dist }, auth: none }
  - { name: up, match: { path: /up/* }, static: { dir: ../files } }
`)
  t.match(rows, [
    { path: '/up/*', methods: 'GET HEAD', auth: 'required', to: 'static ../files' },
    { path: '/*', methods: 'GET HEAD', auth: 'none', to: 'static ./web/dist', name: 'app' },
  ])
})

t.test('what a route asks for stands beside its mode', async (t) => {
  const rows = rowsOf(`${upstreams}routes:
  - { match: { path: "/1/{id}" }, upstream: api, auth: { owner: id, emailVerified: true } }
  - { match: { path: /2 }, upstream: api, auth: { accept: [session, bearer], roles: [admin, support], fresh: 15m } }
  - { match: { path: /3 }, upstream: api, auth: { accept: [bearer], scopes: [a, b] } }
  - { match: { path: /4 }, upstream: api, auth: { organization: true } }
  - { match: { path: /5 }, upstream: api, auth: { organization: { roles: [owner, admin] } } }
  - { match: { path: /6 }, upstream: api, auth: { mode: optional } }
`)
  t.strictSame(
    rows.map(({ auth }) => auth),
    [
      'required (owner {id}, emailVerified)',
      'required (accept session|bearer, roles admin|support, fresh 900s)',
      'required (accept bearer, scopes a+b)',
      'required (organization)',
      'required (organization owner|admin)',
      'optional',
    ],
  )
})

t.test('a route that only observes says so', async (t) => {
  const rows = rowsOf(`${upstreams}routes:
  - { match: { path: /1 }, upstream: api, auth: { roles: [admin] }, enforce: false }
  - { match: { path: /2 }, upstream: api, enforce: { mode: enforce } }
`)
  t.strictSame(
    rows.map(({ auth }) => auth),
    ['observed: required (roles admin)', 'required'],
  )
})

t.test('routes of a host are listed once, before those of every host', async (t) => {
  const rows = rowsOf(`server: { publicUrl: 'https://app.example' }
${upstreams}routes:
  - { name: all, match: { path: /a/* }, upstream: api }
  - { name: own, match: { path: /a/*, host: [b.example, a.example], methods: [GET] }, upstream: api }
`)
  t.match(rows, [
    { host: 'b.example a.example', path: '/a/*', methods: 'GET HEAD', name: 'own', to: 'api' },
    { host: '*', path: '/a/*', methods: /^GET HEAD POST/, name: 'all' },
  ])
  t.equal(rows.length, 2)
})

t.test('the column of hosts is there when a route names one', async (t) => {
  const folder = t.testdir({
    'gateway.config.yaml': minimal.replace('path: /api/*', 'path: /api/*, host: b.example'),
  })
  t.match(await run(folder, ['routes']), {
    code: 0,
    out: /^HOST +PATH[^]*\nb\.example\S* .*\/api\/\* .* api\n/,
  })
  t.notMatch((await run(folder, ['routes', '--format', 'json'])).out, /HOST/)
})

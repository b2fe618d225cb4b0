import t from 'tap'
import { startWithConsole, token } from '../ops/console/stage.ts'
import { run, secrets } from './run.ts'

/** What the command reads: where the listener is, and the token. */
function yamlFor(admin: string, tokenText: string): string {
  return `
admin: { listen: "${new URL(admin).host}", token: "${tokenText}" }
auth: { signUp: open }
upstreams: { api: "http://127.0.0.1:9" }
routes: [{ name: api, match: { path: /api/* }, upstream: api }]
`
}

t.test('explain --request-id says why the running gateway has refused a request', async (t) => {
  const gateway = await startWithConsole(t)
  const refused = await gateway.request('/api/notes?draft=1', {
    headers: { authorization: 'Bearer nonsense' },
  })
  const id = String(refused.json()['requestId'])
  const folder = t.testdir({ 'gateway.config.yaml': yamlFor(gateway.admin, '${ADMIN_TOKEN:-}') })
  const env = { ...secrets, ADMIN_TOKEN: token }
  const { code, out } = await run(folder, ['explain', '--request-id', id], env)
  t.equal(code, 0)
  t.equal(
    out.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, 'TIME').replace(id, 'ID'),
    `GET /api/notes
to app.test, from 127.0.0.1

decision    refused: 401 token_invalid (action: login)
            The access token is not valid.
route       api /api/*
credential  Authorization: none of it was accepted
refused     TIME, request ID
`,
  )
  const json = await run(folder, ['explain', '--request-id', id, '--json'], env)
  t.match(JSON.parse(json.out), { refusal: { code: 'token_invalid' }, isSameConfiguration: true })
  const unknown = await run(folder, ['explain', '--request-id', 'other'], env)
  t.match(unknown, { code: 1, err: /not among the last refusals/ })
  const wrong = await run(folder, ['explain', '--request-id', id], {
    ...env,
    ADMIN_TOKEN: token.split('').reverse().join(''),
  })
  t.match(wrong, { code: 1, err: /not the admin token/ })
  const both = await run(folder, ['explain', 'GET', '/api/x', '--request-id', id], env)
  t.match(both, { code: 2, err: /either a request or --request-id/ })
  const neither = await run(folder, ['explain', 'GET'], env)
  t.match(neither, { code: 2, err: /missing required argument 'url'/ })
})

t.test('where nobody answers, or nobody can, it says so', async (t) => {
  const folder = t.testdir({ 'gateway.config.yaml': yamlFor('http://127.0.0.1:9', '') })
  t.match(await run(folder, ['explain', '--request-id', 'x']), {
    code: 1,
    err: /nothing answers at http:\/\/127\.0\.0\.1:9/,
  })
  const off = t.testdir({
    'gateway.config.yaml': yamlFor('http://127.0.0.1:9', '').replace(/admin: .*/, 'admin: none'),
  })
  t.match(await run(off, ['explain', '--request-id', 'x']), { code: 1, err: /admin is none/ })
})

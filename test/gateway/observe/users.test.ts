import t from 'tap'
import { signUp } from '../../helper/gateway.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import { call, sql } from '../../session/calls.ts'
import { metricsOf, send, startObserved, type Stage } from './stage.ts'

const routes = `
  - { name: api, match: { path: /api/* }, upstream: api, enforce: { mode: observe, userHeader: X-Legacy-User } }
  - { name: admin, match: { path: /admin/* }, upstream: api, auth: { roles: [admin] }, enforce: { mode: observe, userHeader: X-Legacy-User } }
  - { name: mail, match: { path: /mail/* }, upstream: api, enforce: { mode: observe, userHeader: X-Legacy-User, compareWith: user.email } }
  - { name: plain, match: { path: /plain/* }, upstream: api, enforce: false }
  - { name: enforced, match: { path: /enforced/* }, upstream: api, auth: none }`

/** An application that says whom it found as `?found=` tells it: once for each, and with `?status=`. */
function start(t: Parameters<typeof startObserved>[0], more = {}): Promise<Stage> {
  return startObserved(t, routes, {
    answer: (request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://a')
      const users = searchParams.getAll('found').flatMap((user) => ['X-LEGACY-User', user])
      response.writeHead(Number(searchParams.get('status') ?? 200), users).end()
    },
    ...more,
  })
}

/** The comparisons counted so far, by route and result. */
async function counted(stage: Stage): Promise<Readonly<Record<string, number>>> {
  const lines = (await metricsOf(stage)).matchAll(
    /^sallyport_observed_users_total\{route="(.*)",result="(.*)"\} (\d+)$/gm,
  )
  return Object.fromEntries(
    [...lines].map(([, route = '', result = '', count]) => [`${route} ${result}`, Number(count)]),
  )
}

const complaints = ({ log }: Stage): readonly Record<string, unknown>[] =>
  log.filter(({ result }) => result !== undefined)

t.test('whom both sides see is compared, counted, and not told to the client', async (t) => {
  const stage = await start(t)
  const { id, cookie } = await signUp(stage)
  const banned = await signUp(stage, 'banned@example.com')
  sql(stage, 'UPDATE user SET banned = 1 WHERE id = ?', banned.id)
  const mine = { cookie }
  const theirs = { authorization: `Bearer ${mint(goodClaims({ sub: '17' }))}` }
  const cases = [
    ['/api/x', {}, 'api neither'],
    ['/api/x?found=', {}, 'api neither'],
    [`/api/x?found=${id}`, mine, 'api same'],
    [`/api/x?found=${id}&found=${id}`, mine, 'api same'],
    [`/api/x?found=${id.toUpperCase()}A`, mine, 'api different'],
    [`/api/x?found=${id}&found=17`, mine, 'api different'],
    ['/api/x', mine, 'api only_gateway'],
    ['/api/x?status=401', mine, 'api only_gateway'],
    ['/api/x?found=17', {}, 'api only_application'],
    ['/api/x?found=17', { authorization: 'Bearer legacy' }, 'api only_application'],
    ['/api/x?found=17', theirs, 'api same'],
    // Who may not come in is somebody all the same.
    [`/admin/x?found=${id}`, mine, 'admin same'],
    ['/admin/x?found=17', mine, 'admin different'],
    // An address that nobody has verified is no name.
    ['/mail/x?found=ada@example.com', mine, 'mail only_application'],
  ] as const
  const expected: Record<string, number> = {}
  for (const [path, headers, result] of cases) {
    const { reply } = await send(stage, path, { headers })
    t.equal(reply.headers['x-legacy-user'], undefined, path)
    expected[result] = (expected[result] ?? 0) + 1
    t.strictSame(await counted(stage), expected, `${path} ${Object.keys(headers).join()}`)
  }
})

t.test('nothing is compared where one side cannot know', async (t) => {
  const stage = await start(t)
  const { cookie } = await signUp(stage)
  await send(stage, '/api/x?status=500', { headers: { cookie } })
  stage.store.isAway = true
  stage.clock.offsetMs = 60_000
  const { reply } = await send(stage, '/api/x?found=17', { headers: { cookie } })
  t.equal(reply.headers['x-legacy-user'], undefined)
  for (const path of ['/plain/x?found=17', '/enforced/x?found=17']) {
    t.equal((await send(stage, path)).reply.headers['x-legacy-user'], '17', path)
  }
  t.strictSame(await counted(stage), {})
})

t.test('each disagreement is a line in the log, with ids and nothing else', async (t) => {
  const stage = await start(t)
  const { id, cookie } = await signUp(stage)
  const headers = { cookie }
  await send(stage, `/api/x?found=${id}`, { headers })
  await send(stage, '/api/x')
  t.strictSame(complaints(stage), [])
  const { record } = await send(stage, '/api/x?found=17', { headers })
  const { requestId } = record
  const told = { requestId, route: 'api', result: 'different', gatewayUser: id }
  t.match(complaints(stage), [{ level: 40, ...told, applicationUser: '17' }])
  await send(stage, '/api/x?found=ada%40old.example', { headers })
  t.match(complaints(stage)[1], { gatewayUser: id, applicationUser: '[not an id]' })
  const token = mint(goodClaims({ sub: 'a'.repeat(80) }))
  await send(stage, `/api/x?found=${token}`)
  t.match(complaints(stage)[2], { level: 30, gatewayUser: null, applicationUser: '[not an id]' })
  t.notMatch(JSON.stringify(stage.log), /old\.example|eyJ/)
})

t.test('users are compared by the name that FastAPI knows them by', async (t) => {
  const stage = await start(t, {
    yaml: 'identity: { token: { subject: user.externalId } }',
    auth: 'signUp: open',
    files: {},
  })
  const { cookie } = await signUp(stage)
  sql(stage, "UPDATE user SET externalId = '17'")
  await send(stage, '/api/x?found=17', { headers: { cookie } })
  t.strictSame(await counted(stage), { 'api same': 1 })
  await call(stage, '/sign-out', { cookie })
  const { record } = await send(stage, '/api/x?found=17', { headers: { cookie } })
  t.equal(record.observed, 'session_revoked')
  t.strictSame(await counted(stage), { 'api same': 1, 'api only_application': 1 })
})

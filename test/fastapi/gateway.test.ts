import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import t from 'tap'
import { signUp, startGateway } from '../helper/gateway.ts'
import { goodClaims, jwtSecret, mint } from '../helper/token.ts'
import { pythonEval, startFastApi } from './python.ts'

const mintInPython = `
import json, sys, time, jwt
given = json.load(sys.stdin)
print(jwt.encode({"sub": given["sub"], "exp": int(time.time()) + given["seconds"]}, given["secret"], algorithm="HS256"))
`

t.test('an unchanged FastAPI knows who signed in, by header and by token', async (t) => {
  const fastApi = await startFastApi(t)
  if (fastApi === null) return
  const gateway = await startGateway(t, { upstream: fastApi.url })
  const { id, cookie } = await signUp(gateway)
  for (const headers of [
    { cookie },
    { cookie, 'X-User-Id': 'someone-else', X_User_Id: 'someone-else' },
  ]) {
    const me = (await gateway.request('/api/me', { headers })).json()
    t.match(me, { id, from_header: id, claims: { sub: id, sid: String } })
  }
  const session = (await gateway.request('/_gateway/session', { headers: { cookie } })).json()
  t.match(session, { user: { id } })

  const todo = await gateway.request('/api/todos', {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json' },
    body: '{"title":"water the plants"}',
  })
  t.equal(todo.status, 201)
  const other = await signUp(gateway, 'bob@example.com')
  t.match((await gateway.request('/api/todos', { headers: { cookie } })).text, /water the plants/)
  t.notMatch(
    (await gateway.request('/api/todos', { headers: { cookie: other.cookie } })).text,
    /water/,
  )
})

t.test('the token of the refresh endpoint, and one that PyJWT made, reach FastAPI', async (t) => {
  const fastApi = await startFastApi(t)
  if (fastApi === null) return
  const gateway = await startGateway(t, { upstream: fastApi.url })
  const { id, cookie } = await signUp(gateway)
  const issued = (
    await gateway.request('/_gateway/token', { method: 'POST', headers: { cookie } })
  ).json()
  const own = { authorization: `Bearer ${String(issued['access_token'])}` }
  t.match((await gateway.request('/api/me', { headers: own })).json(), { id })

  const minted = await pythonEval(t, {
    script: mintInPython,
    input: JSON.stringify({ sub: 'script-7', seconds: 60, secret: jwtSecret }),
    modules: ['jwt'],
  })
  if (minted === null) return
  const foreign = { authorization: `Bearer ${minted}` }
  t.match((await gateway.request('/api/me', { headers: foreign })).json(), {
    id: 'script-7',
    from_header: 'script-7',
  })

  const late = await pythonEval(t, {
    script: mintInPython,
    input: JSON.stringify({ sub: 'script-7', seconds: -5, secret: jwtSecret }),
    modules: ['jwt'],
  })
  const reply = await gateway.request('/api/me', {
    headers: { authorization: `Bearer ${late ?? ''}` },
  })
  t.match(reply.json(), {
    status: 401,
    code: 'token_expired',
    action: 'refresh',
    refresh: '/_gateway/token',
  })
})

t.test('PyJWT and python-jose verify what we issue, and read the same claims', async (t) => {
  const fastApi = await startFastApi(t)
  if (fastApi === null) return
  const gateway = await startGateway(t, { upstream: fastApi.url })
  const { id, cookie } = await signUp(gateway)
  const issued = (
    await gateway.request('/_gateway/token', { method: 'POST', headers: { cookie } })
  ).json()
  for (const [module, decode] of [
    [
      'jwt',
      'import jwt; claims = jwt.decode(given["token"], given["secret"], algorithms=["HS256"])',
    ],
    [
      'jose',
      'from jose import jwt; claims = jwt.decode(given["token"], given["secret"], algorithms=["HS256"])',
    ],
  ] as const) {
    const script = `import json, sys\ngiven = json.load(sys.stdin)\n${decode}\nprint(json.dumps(claims))`
    const input = JSON.stringify({ token: issued['access_token'], secret: jwtSecret })
    const claims = await pythonEval(t, { script, input, modules: [module] })
    if (claims !== null) t.match(JSON.parse(claims), { sub: id, sid: String }, module)
  }
})

t.test('a FastAPI with another secret is explained, not looped', async (t) => {
  const fastApi = await startFastApi(t, 'another-Xq7Vn2wL9xRk4Tz8mBc3Fd6Hj1Yp5Ns0G')
  if (fastApi === null) return
  const gateway = await startGateway(t, { upstream: fastApi.url })
  const { cookie } = await signUp(gateway)
  const reply = await gateway.request('/api/me', { headers: { cookie } })
  t.match(reply.json(), {
    status: 401,
    code: 'upstream_unauthorized',
    action: 'none',
    detail: 'Could not validate credentials',
  })
})

t.test(
  "FastAPI's 404, 405, 422 and slash redirects stay on our origin and in its words",
  async (t) => {
    const fastApi = await startFastApi(t)
    if (fastApi === null) return
    const gateway = await startGateway(t, { upstream: fastApi.url })
    const headers = {
      authorization: `Bearer ${mint(goodClaims())}`,
      'content-type': 'application/json',
    }
    t.match(await gateway.request('/api/nothing', { headers }), {
      status: 404,
      text: '{"detail":"Not Found"}',
    })
    const invalid = await gateway.request('/api/todos', { method: 'POST', headers, body: '{}' })
    t.equal(invalid.status, 422)
    t.ok(Array.isArray(invalid.json()['detail']))
    const redirect = await gateway.request('/api/todos/', { headers })
    t.match(redirect, { status: 307, headers: { location: 'http://app.test/api/todos' } })
  },
)

t.test('a stream of events flows, and ends at FastAPI when its reader leaves', async (t) => {
  const fastApi = await startFastApi(t)
  if (fastApi === null) return
  const gateway = await startGateway(t, { upstream: fastApi.url })
  const { cookie } = await signUp(gateway)
  const { port } = new URL(gateway.url)
  const request = httpRequest({ port, path: '/api/events', headers: { host: 'app.test', cookie } })
  request.end()
  const [response] = (await once(request, 'response')) as [
    NodeJS.ReadableStream & { headers: Record<string, string> },
  ]
  t.match(response.headers['content-type'], 'text/event-stream')
  const [chunk] = (await once(response, 'data')) as [Buffer]
  t.match(chunk.toString(), /data|event|:/)
  request.destroy()
})

t.test('a FastAPI that goes away is a 502 and logs nobody out', async (t) => {
  const fastApi = await startFastApi(t)
  if (fastApi === null) return
  const gateway = await startGateway(t, { upstream: fastApi.url })
  const { cookie } = await signUp(gateway)
  t.equal((await gateway.request('/api/me', { headers: { cookie } })).status, 200)
  await fastApi.stop()
  const reply = await gateway.request('/api/me', { headers: { cookie } })
  t.match(reply.json(), { status: 502, code: 'upstream_unreachable', action: 'retry' })
  t.notOk(reply.headers['set-cookie'], 'no cookie is cleared by an outage')
})

import { createHash } from 'node:crypto'
import t from 'tap'
import { goodClaims, jwtSecret, mint } from '../helper/token.ts'
import { pythonEval, startFastApi } from './python.ts'

// The demo application on its own, without a gateway: what it does with tokens is what the gateway has to satisfy.

interface Todo {
  readonly id: number
  readonly title: string
  readonly done: boolean
}

const app = await startFastApi(t)
if (app !== null) testApplication(app.url)

function as(subject: string, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return {
    headers: {
      authorization: `Bearer ${mint(goodClaims({ sub: subject }))}`,
      'content-type': 'application/json',
      ...headers,
    },
  }
}

function testApplication(url: string): void {
  testTokens(url)
  testTodos(url)
}

function testTokens(url: string): void {
  const me = (init: RequestInit = {}): Promise<Response> => fetch(`${url}/api/me`, init)
  const bearing = (token: string): RequestInit => ({
    headers: { authorization: `Bearer ${token}` },
  })

  t.test('a token of the shared secret is believed and its user is written down', async (t) => {
    const claims = goodClaims({ sub: 'ada', email: 'ada@example.com' })
    const response = await me({
      headers: { authorization: `Bearer ${mint(claims)}`, 'x-user-id': 'ada' },
    })
    t.equal(response.status, 200)
    t.match(await response.json(), {
      id: 'ada',
      email: 'ada@example.com',
      from_header: 'ada',
      claims,
    })
  })

  t.test('a request that names nobody is answered 401 in FastAPI’s own words', async (t) => {
    const response = await me()
    t.equal(response.status, 401)
    t.equal(response.headers.get('www-authenticate'), 'Bearer')
    t.strictSame(await response.json(), { detail: 'Not authenticated' })
  })

  const refused: Readonly<Record<string, string>> = {
    'of another secret': mint(goodClaims(), { secret: 'another-secret-of-at-least-32-bytes' }),
    'that expired': mint({ sub: 'ada', exp: 1 }),
    'without an algorithm': `${mint(goodClaims(), { header: { alg: 'none' } })
      .split('.')
      .slice(0, 2)
      .join('.')}.`,
    'with an audience that nobody asked for': mint(goodClaims({ aud: 'somebody' })),
    'without a subject': mint({ exp: goodClaims()['exp'] }),
    'that is none': 'nonsense',
  }
  for (const [which, token] of Object.entries(refused)) {
    t.test(`a token ${which} is refused`, async (t) => {
      const response = await me(bearing(token))
      t.equal(response.status, 401)
      t.strictSame(await response.json(), { detail: 'Could not validate credentials' })
    })
  }

  t.test('an X-User-Id that is not the subject of the token is refused', async (t) => {
    const response = await me(as('ada', { 'x-user-id': 'eve' }))
    t.equal(response.status, 401)
    t.match(await response.json(), { detail: /different users/ })
  })

  t.test('twenty first requests of a new user at once make one user', async (t) => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => me(as('crowd'))))
    t.strictSame([...new Set(answers.map(({ status }) => status))], [200])
  })

  t.test('a token that PyJWT made is believed', async (t) => {
    const claims = goodClaims({ sub: 'python' })
    const token = await pythonEval(t, {
      modules: ['jwt'],
      script: `
import json, jwt, sys
given = json.load(sys.stdin)
print(jwt.encode(given["claims"], given["secret"], algorithm="HS256"))`,
      input: JSON.stringify({ claims, secret: jwtSecret }),
    })
    if (token === null) return
    const response = await me(bearing(token))
    t.match(await response.json(), { id: 'python', claims })
  })

  t.test('python-jose reads a token that node:crypto made', async (t) => {
    const claims = goodClaims()
    const read = await pythonEval(t, {
      modules: ['jose'],
      script: `
import json, sys
from jose import jwt
given = json.load(sys.stdin)
print(json.dumps(jwt.decode(given["token"], given["secret"], algorithms=["HS256"])))`,
      input: JSON.stringify({ token: mint(claims), secret: jwtSecret }),
    })
    if (read !== null) t.strictSame(JSON.parse(read), claims)
  })
}

function testTodos(url: string): void {
  const todos = `${url}/api/todos`
  const create = async (owner: string, title: string): Promise<Todo> => {
    const response = await fetch(todos, {
      ...as(owner),
      method: 'POST',
      body: JSON.stringify({ title }),
    })
    return (await response.json()) as Todo
  }
  const list = async (owner: string): Promise<readonly Todo[]> =>
    (await (await fetch(todos, as(owner))).json()) as Todo[]

  t.test('todos belong to who made them and are absent for everybody else', async (t) => {
    const { id } = await create('grace', 'write a compiler')
    t.strictSame(await list('grace'), [{ id, title: 'write a compiler', done: false }])
    t.strictSame(await list('mallory'), [])
    for (const method of ['PATCH', 'DELETE']) {
      const body = method === 'PATCH' ? { body: '{"done":true}' } : {}
      const response = await fetch(`${todos}/${id}`, { ...as('mallory'), method, ...body })
      t.equal(response.status, 404, method)
    }
    t.strictSame(await list('grace'), [{ id, title: 'write a compiler', done: false }])
  })

  t.test('a todo is toggled, renamed and removed by its owner', async (t) => {
    const { id } = await create('alan', 'break a code')
    const patch = async (change: object): Promise<unknown> => {
      const init = { ...as('alan'), method: 'PATCH', body: JSON.stringify(change) }
      return (await fetch(`${todos}/${id}`, init)).json()
    }
    t.strictSame(await patch({ done: true }), { id, title: 'break a code', done: true })
    t.strictSame(await patch({ title: 'rest' }), { id, title: 'rest', done: true })
    const removed = await fetch(`${todos}/${id}`, { ...as('alan'), method: 'DELETE' })
    t.equal(removed.status, 204)
    t.strictSame(await list('alan'), [])
  })

  t.test('an empty title is refused in FastAPI’s way', async (t) => {
    const response = await fetch(todos, { ...as('alan'), method: 'POST', body: '{"title":""}' })
    t.equal(response.status, 422)
    t.match(await response.json(), { detail: [{ loc: ['body', 'title'] }] })
  })

  t.test('an upload is read to its end', async (t) => {
    const body = Buffer.alloc(3_000_000, 'sallyport')
    const response = await fetch(`${url}/api/uploads`, { ...as('alan'), method: 'POST', body })
    const sha256 = createHash('sha256').update(body).digest('hex')
    t.strictSame(await response.json(), { owner: 'alan', bytes: body.length, sha256 })
  })
}

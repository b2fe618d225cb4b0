import { decodeJwt, decodeProtectedHeader } from 'jose'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { minimal, run } from '../cli/run.ts'
import { startFastApi } from '../fastapi/python.ts'
import { startGateway } from '../helper/gateway.ts'

const app = await startFastApi(t)

function folderWith(more: string): string {
  const folder = t.testdir({})
  writeFileSync(join(folder, 'gateway.config.yaml'), minimal + more)
  return folder
}

const bound = (most: string): string =>
  `bearer: { secret: "\${JWT_SECRET}", ttl: 1m, maxLifetime: ${most}, issuer: "https://scripts.test", audience: api }\n`

if (app !== null) {
  t.test(
    'a token works at the gateway and at FastAPI, and one for FastAPI only there',
    async (t) => {
      const gateway = await startGateway(t, { upstream: app.url })
      const folder = folderWith('')
      const ran = await run(folder, ['token', '--user', 'script-1', '--claim', 'email=a@b.test'])
      t.equal(ran.code, 0, ran.err)
      t.match(ran.out, /^[\w-]+\.[\w-]+\.[\w-]+\n$/, 'nothing else is on standard output')
      t.match(ran.err, /^acts as the user script-1 at this gateway and at FastAPI for 600 s/)
      const bearing = (text: string) => ({ authorization: `Bearer ${text.trim()}` })
      const me = await gateway.request('/api/me', { headers: bearing(ran.out) })
      t.equal(me.status, 200)
      t.match(me.json(), { id: 'script-1', from_header: 'script-1', email: 'a@b.test' })
      const direct = await fetch(`${app.url}/api/me`, { headers: bearing(ran.out) })
      t.equal(direct.status, 200)

      const upstream = await run(folder, ['token', '--user', 'script-1', '--as', 'upstream'])
      t.match(upstream.err, /^acts as the user script-1 at FastAPI for 60 s/)
      t.equal((await fetch(`${app.url}/api/me`, { headers: bearing(upstream.out) })).status, 200)
      const back = await gateway.request('/api/me', { headers: bearing(upstream.out) })
      t.equal(back.status, 401)
      t.equal(back.json()['code'], 'token_invalid')
    },
  )
}

t.test('a token says what both sides ask for', async (t) => {
  const folder = folderWith(`${bound('1h')}identity: { token: { profile: fastapi-users } }\n`)
  const args = ['--user', 'u', '--ttl', '5m', '--claim', 'level=3', '--claim', 'tags=["a"]']
  const { out } = await run(folder, ['token', ...args])
  const { iat = 0, exp = 0, ...claims } = decodeJwt(out.trim())
  t.strictSame(claims, {
    sub: 'u',
    level: 3,
    tags: ['a'],
    iss: 'https://scripts.test',
    aud: ['fastapi-users:auth', 'api'],
  })
  t.equal(exp - iat, 330, 'iat is set back by the clock skew')
  t.strictSame(decodeProtectedHeader(out.trim()), { alg: 'HS256', typ: 'JWT' })
})

t.test('no token lives longer than bearer.maxLifetime', async (t) => {
  const folder = folderWith(bound('2m'))
  const long = await run(folder, ['token', '--user', 'u', '--ttl', '121s'])
  t.equal(long.code, 1)
  t.equal(long.out, '')
  t.match(long.err, /no token may live longer than bearer\.maxLifetime \(120 s\)/)
  for (const args of [[], ['--as', 'upstream', '--ttl', '2m']]) {
    const { code, out } = await run(folder, ['token', '--user', 'u', ...args])
    t.equal(code, 0)
    const { iat = 0, exp = 0 } = decodeJwt(out.trim())
    t.ok(exp - iat <= 150 && exp > Date.now() / 1000, String(exp - iat))
    if (!args.includes('upstream')) t.equal(exp - iat, 120)
  }
})

t.test('what cannot be is refused, and nothing is on standard output', async (t) => {
  const folder = folderWith('identity: { token: none }\n')
  const env = { BETTER_AUTH_SECRET: 'q7Vn2wL9xRk4Tz8mBc3Fd6Hj1Yp5Ns0G-auth' }
  const cases = [
    [['--user', 'u', '--as', 'upstream'], undefined, 1, /identity\.token is none/],
    [['--user', 'u'], env, 1, /bearer\.secret: .*JWT_SECRET/],
    [[], undefined, 2, /--user/],
    [['--user', 'a b'], undefined, 2, /visible ASCII/],
    [['--user', 'u', '--claim', 'exp=9999999999'], undefined, 2, /exp is for the gateway to say/],
    [['--user', 'u', '--claim', 'sid=x'], undefined, 2, /sid is for the gateway to say/],
    [['--user', 'u', '--ttl', '0'], undefined, 2, /duration/],
  ] as const
  for (const [args, secrets, code, err] of cases) {
    const ran = await run(folder, ['token', ...args], secrets)
    t.equal(ran.code, code, args.join(' '))
    t.equal(ran.out, '')
    t.match(ran.err, err)
  }
})

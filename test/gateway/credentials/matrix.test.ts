import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { signUp, startGateway } from '../../helper/gateway.ts'
import { startIssuer } from '../../helper/issuer.ts'
import { authSecret, goodClaims, jwtSecret, mint, signCookie } from '../../helper/token.ts'
import { call } from '../../session/calls.ts'

/** One header list per case, with the code that it is refused with. */
type Cases = Readonly<Record<string, readonly [headers: readonly string[], code: string]>>

const bearer = (token: string): readonly string[] => ['authorization', `Bearer ${token}`]

t.test(
  'whatever is wrong with a credential, it is refused with its code, and never a 5xx',
  async (t) => {
    const backend = await startBackend(t)
    const issuer = await startIssuer(t)
    const gateway = await startGateway(t, {
      upstream: backend.url,
      yaml: `bearer: { sessionTokens: true, apiKeys: true, requireUser: true, jwks: [${issuer.yaml()}] }`,
    })
    const { id, cookie } = await signUp(gateway)
    const made = await call(gateway, '/api-key/create', { cookie })
    const key = String(made.json()['key'])
    const session = cookie.slice(cookie.indexOf('=') + 1)
    const name = cookie.slice(0, cookie.indexOf('='))
    const [token = '', signature = ''] = decodeURIComponent(session).split('.')
    const own = goodClaims({ sub: id })
    const issued = await issuer.sign({ claims: { sub: id } })
    const [header = '', payload = '', mac = ''] = issued.split('.')
    const now = Math.floor(Date.now() / 1000)

    const invalid: Readonly<Record<string, string>> = {
      'no token': '',
      'a word': 'token',
      dots: '..',
      'many dots': '.'.repeat(100),
      'percent signs': '%%%',
      'an escape of nothing': '%00.%00',
      'a raw session token': token,
      'a session token with another signature': `${token}.${'A'.repeat(43)}=`,
      'a session token signed with the shared secret': signCookie(token, jwtSecret),
      'a signature for another token': `${token.slice(1)}x.${signature}`,
      'an API key': key,
      'a token of the shared secret for somebody unknown': mint(goodClaims()),
      "a token under Better Auth's secret": mint(own, { secret: authSecret }),
      'alg none': `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`,
      'alg none, signed': mint(own, { header: { alg: 'none' } }),
      'an algorithm of the issuer with the shared secret': mint(own, {
        header: { alg: 'EdDSA', kid: 'issuer.test-1' },
      }),
      'an unknown algorithm': mint(own, { header: { alg: 'XX256' } }),
      'an algorithm that is a number': mint(own, { header: { alg: 7 } }),
      'no algorithm': mint(own, { header: {} }),
      'a header that is a list': mint(own, { header: [] }),
      'claims that are a list': mint([]),
      'claims that are no JSON': mint(null, { rawClaims: '{' }),
      'a deep nest of claims': mint(null, { rawClaims: '['.repeat(5000) }),
      'an unknown critical header': mint(own, { header: { alg: 'HS256', crit: ['x'] } }),
      'an encrypted token': `${header}.a.b.c.d`,
      'a token of the issuer, cut': issued.slice(0, -10),
      'a token of the issuer, padded': `${issued}=`,
      'a token of the issuer with the claims of another': `${header}.${mint(own).split('.')[1] ?? ''}.${mac}`,
      'a token of the issuer for somebody unknown': await issuer.sign(),
      'a token of another issuer': await issuer.sign({
        claims: { sub: id, iss: 'https://other.test' },
      }),
      'a token for another audience': await issuer.sign({ claims: { sub: id, aud: 'other' } }),
      'a token with an unknown key': await issuer.sign({ header: { kid: 'unknown' } }),
      'a token with no key': await issuer.sign({ header: { kid: '' } }),
      'a cookie cache': await issuer.sign({ header: { typ: 'better-auth.session-cache+jwt' } }),
      'an assertion': await issuer.sign({ header: { typ: 'sallyport+jwt' } }),
      'an expiry that is infinite': mint(null, { rawClaims: `{"sub":"${id}","exp":1e999}` }),
      'an expiry that is negative': mint({ sub: id, exp: -1 }),
      'a lifetime without end': mint({ sub: id, exp: now + 10_000_000 }),
      'a user of control characters': mint(goodClaims({ sub: 'a\r\nx-user-id: b' })),
      'eight kilobytes': 'a'.repeat(8200),
    }
    const cases: Cases = {
      ...Object.fromEntries(
        Object.entries(invalid).map(([why, value]) => [why, [bearer(value), 'token_invalid']]),
      ),
      'an expired token': [bearer(mint({ sub: id, exp: now - 5 })), 'token_expired'],
      'an expired token of the issuer': [
        bearer(await issuer.sign({ claims: { exp: now - 5 } })),
        'token_expired',
      ],
      'another scheme': [['authorization', 'Basic YTpi'], 'token_not_accepted'],
      'no scheme': [['authorization', ''], 'token_not_accepted'],
      'two of them': [[...bearer(issued), ...bearer(issued)], 'token_invalid'],
      'a token and a key': [[...bearer(issued), 'x-api-key', key], 'token_invalid'],
      'a bad token and a good cookie': [[...bearer('x'), 'cookie', cookie], 'token_invalid'],
      'a bad key and a good cookie': [['x-api-key', 'x', 'cookie', cookie], 'api_key_invalid'],
      'an empty key': [['x-api-key', ''], 'api_key_invalid'],
      'a key twice': [['x-api-key', key, 'x-api-key', key], 'api_key_invalid'],
      'two keys in one': [['x-api-key', `${key}, ${key}`], 'api_key_invalid'],
      'a key in another case': [['x-api-key', key.toLowerCase()], 'api_key_invalid'],
      'its digest': [
        ['x-api-key', 'qL8R4QIcQ_ZsRqOAbeRfcZhilN_MksRtDaErMA0xyz0'],
        'api_key_invalid',
      ],
      'a key of a thousand letters': [['x-api-key', 'k'.repeat(1000)], 'api_key_invalid'],
      'a session token as a key': [['x-api-key', session], 'api_key_invalid'],
      'a token as a key': [['x-api-key', issued], 'api_key_invalid'],
      'a forged cookie': [['cookie', `${name}=${signCookie(token, jwtSecret)}`], 'session_invalid'],
      'a token as a cookie': [['cookie', `${name}=${issued}`], 'session_invalid'],
      'a key as a cookie': [['cookie', `${name}=${key}`], 'session_invalid'],
      'a cookie twice': [['cookie', `${cookie}; ${cookie}`], 'session_invalid'],
    }
    for (const [why, [headers, code]] of Object.entries(cases)) {
      for (const path of ['/api/x', '/maybe/x']) {
        const reply = await gateway.request(path, { headers: [...headers] })
        t.equal(reply.status, 401, `${why}: ${path}`)
        t.equal(reply.json()['code'], code, `${why}: ${path}`)
        t.match(reply.headers['www-authenticate'], /^Bearer realm=/, why)
        t.equal(reply.headers['cache-control'], 'no-store', why)
      }
    }
    t.equal(backend.seen.length, 0, 'nothing of it arrived')
    const good: readonly (readonly string[])[] = [
      bearer(issued),
      bearer(mint(own)),
      bearer(session),
      ['x-api-key', key],
      ['cookie', cookie],
    ]
    for (const headers of good) {
      t.equal((await gateway.request('/api/x', { headers: [...headers] })).status, 200)
      t.equal(backend.seen.at(-1)?.headers['x-user-id'], id)
    }
  },
)

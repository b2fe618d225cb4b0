import { createHmac } from 'node:crypto'
import { SignJWT } from 'jose'
import t from 'tap'
import { goodClaims, jwtSecret, mint } from '../helper/token.ts'
import { codeOf, deps, read, readBearer, verifierFor } from './reading.ts'

t.test('a foreign token signed with the shared secret is its user', async (t) => {
  t.match(await read(mint(goodClaims())), { principal: { kind: 'bearer', userId: 'user-1' } })
  const byJose = await new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('user-2')
    .setExpirationTime('1m')
    .sign(new TextEncoder().encode(jwtSecret))
  t.match(await read(byJose), { principal: { kind: 'bearer', userId: 'user-2' } })
})

t.test('no Authorization header is absent, another scheme is refused', async (t) => {
  t.match(await readBearer(null, deps(), 0), { answer: 'absent' })
  for (const value of ['Basic YTpi', 'Token abc', 'Digest x', '', 'Bearerx abc']) {
    t.match(await readBearer(value, deps(), 0), { refusal: { code: 'token_not_accepted' } }, value)
  }
})

t.test('the scheme is case-insensitive, the rest is strict', async (t) => {
  const token = mint(goodClaims())
  t.match(await readBearer(`bEARER ${token}`, deps(), Date.now()), { answer: 'authenticated' })
  t.match(await readBearer(`Bearer   ${token}`, deps(), Date.now()), { answer: 'authenticated' })
  for (const value of [
    'Bearer',
    'Bearer ',
    `Bearer ${token} x`,
    `Bearer ${token}, Bearer ${token}`,
    `Bearer\t${token}`,
  ]) {
    const outcome = await readBearer(value, deps(), Date.now())
    t.equal(outcome.answer, 'rejected', value)
  }
})

t.test('no other algorithm, type, extension or shape passes', async (t) => {
  const claims = goodClaims()
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${mint(claims).split('.')[1]!}.`
  t.equal(await codeOf(none), 'token_invalid', 'alg none')
  for (const alg of ['none', 'HS384', 'HS512', 'RS256', 'hs256', 'nOnE', 1, null, ['HS256']]) {
    t.equal(await codeOf(mint(claims, { header: { alg } })), 'token_invalid', JSON.stringify(alg))
  }
  t.equal(
    await codeOf(mint(claims, { header: { alg: 'HS256', crit: ['x'], x: 1 } })),
    'token_invalid',
    'crit',
  )
  for (const typ of [
    'sallyport+jwt',
    'application/sallyport+jwt',
    'refresh+jwt',
    'SALLYPORT+JWT',
    7,
  ]) {
    t.equal(
      await codeOf(mint(claims, { header: { alg: 'HS256', typ } })),
      'token_invalid',
      String(typ),
    )
  }
  const good = mint(claims)
  const [header, payload, signature] = good.split('.') as [string, string, string]
  for (const bad of [
    `${header}.${payload}`,
    `${good}.x.y`,
    `.${payload}.${signature}`,
    `${header}=.${payload}.${signature}`,
    `${header}.${payload}.${signature}=`,
    `${header}.${payload}.${signature.slice(0, -1)}`,
    `${header}.${payload}.`,
    `${good}\u00e9`,
  ]) {
    t.equal(await codeOf(bad), 'token_invalid', bad.slice(-20))
  }
  t.equal(
    await codeOf(mint(goodClaims({ padding: 'x'.repeat(9000) }))),
    'token_invalid',
    'oversize',
  )
})

t.test('segments that are not canonical base64url are refused even when signed', async (t) => {
  const payload = Buffer.from(JSON.stringify(goodClaims()))
  // The last character of an unpadded group has spare bits; setting them spells the same bytes another way.
  const sloppy = ['', ' ', '  '].map((pad) =>
    Buffer.concat([payload, Buffer.from(pad)]).toString('base64url'),
  )
  const encoded = sloppy.find((text) => text.length % 4 !== 0)!
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(encoded.at(-1)!)
  const other = encoded.slice(0, -1) + alphabet[last + 1]!
  t.same(Buffer.from(other, 'base64url'), Buffer.from(encoded, 'base64url'), 'the same bytes')
  const input = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${other}`
  const token = `${input}.${createHmac('sha256', jwtSecret).update(input).digest('base64url')}`
  t.equal(await codeOf(token), 'token_invalid')
})

t.test('time claims must be sane', async (t) => {
  const now = Math.floor(Date.now() / 1000)
  for (const exp of [undefined, null, '9999999999', -1, {}, [], true]) {
    t.equal(await codeOf(mint({ sub: 'u', exp })), 'token_invalid', JSON.stringify(exp))
  }
  for (const raw of ['1e999', '1e15', '-1e999']) {
    t.equal(
      await codeOf(mint(null, { rawClaims: `{"sub":"u","exp":${raw}}` })),
      'token_invalid',
      raw,
    )
  }
  t.equal(await codeOf(mint({ sub: 'u', exp: now - 12 })), 'token_expired')
  t.equal(await codeOf(mint({ sub: 'u', exp: now })), 'token_expired', 'expiry has no leeway')
  t.equal(await codeOf(mint(goodClaims({ nbf: now + 300 }))), 'token_invalid', 'nbf')
  t.equal(await codeOf(mint(goodClaims({ nbf: now + 5 }))), 'authenticated', 'nbf within the skew')
  t.equal(await codeOf(mint(goodClaims({ iat: now + 300 }))), 'token_invalid', 'iat')
  t.equal(await codeOf(mint(goodClaims({ iat: 'x' }))), 'token_invalid', 'iat as text')
  t.equal(await codeOf(mint(goodClaims({ exp: now + 90_000 }))), 'token_invalid', 'lives too long')
  t.equal(
    await codeOf(mint(goodClaims({ iat: now - 90_000 }))),
    'token_invalid',
    'was issued to live too long',
  )
})

t.test('an expired token says for how long', async (t) => {
  const outcome = await read(mint({ sub: 'u', exp: 1000 }), deps(), 1_012_000)
  t.match(outcome, {
    refusal: { detail: 'The access token expired 12 seconds ago.', tokenPresented: true },
  })
})

t.test('the user claim must be a plain word', async (t) => {
  for (const sub of [
    undefined,
    null,
    '',
    ' ',
    'a b',
    'a\r\nX: y',
    'é',
    {},
    ['u'],
    7,
    'x'.repeat(129),
  ]) {
    t.equal(await codeOf(mint(goodClaims({ sub }))), 'token_invalid', JSON.stringify(sub))
  }
  const named = deps({}, { userClaim: 'username' })
  t.match(await read(mint(goodClaims({ username: 'bob' })), named), {
    principal: { userId: 'bob' },
  })
})

t.test('issuer and audience are required once configured', async (t) => {
  const strict = deps({}, { issuer: 'https://a.test', audience: 'api' })
  t.equal(await codeOf(mint(goodClaims()), strict), 'token_invalid')
  t.equal(
    await codeOf(mint(goodClaims({ iss: 'https://a.test', aud: 'web' })), strict),
    'token_invalid',
  )
  t.equal(
    await codeOf(mint(goodClaims({ iss: 'https://a.test', aud: ['web', 'api'] })), strict),
    'authenticated',
  )
  t.equal(
    await codeOf(mint(goodClaims({ iss: 'https://b.test', aud: 'api' })), strict),
    'token_invalid',
  )
})

t.test('any secret of the list verifies, no other does', async (t) => {
  const old = 'an-older-secret-of-at-least-32-bytes-kept'
  const two = deps({ verify: verifierFor(jwtSecret, old) })
  t.equal(await codeOf(mint(goodClaims(), { secret: old }), two), 'authenticated')
  t.equal(await codeOf(mint(goodClaims(), { secret: old })), 'token_invalid')
  t.equal(await codeOf(mint(goodClaims(), { secret: '' })), 'token_invalid')
})

import { CompactSign } from 'jose'
import t from 'tap'
import { makeKeyPair, signWith } from '../../helper/issuer.ts'
import { createBearerReader } from '../../../src/authn/bearer/reader.ts'
import type { Outcome } from '../../../src/authn/outcome.ts'
import { codeOf, read } from '../reading.ts'
import { codeWith, createSigner, depsWith } from './issuing.ts'

t.test('a token that an issuer signed is its user, and is replaced', async (t) => {
  const signer = await createSigner()
  t.match(await read(await signer.sign(), depsWith([signer])), {
    principal: {
      kind: 'bearer',
      userId: 'user-1',
      passesOn: false,
      roles: [],
      scopes: [],
      user: null,
    },
  })
  t.equal(await codeOf(await signer.sign()), 'token_invalid', 'of an issuer who is not configured')
})

// Whoever may sign for one issuer could otherwise speak for the users of another.
t.test('a token that names one issuer is not verified with the keys of another', async (t) => {
  const one = await createSigner('https://one.test')
  const two = await createSigner('https://two.test')
  const both = [one, two]
  t.equal(await codeWith(both, await signWith(two.key, one.name)), 'token_invalid')
  t.equal(await codeWith(both, await signWith(one.key, two.name)), 'token_invalid')
  t.equal(await codeWith(both, await signWith(two.key, two.name)), 'authenticated')
  for (const iss of [
    'https://one.test/',
    'HTTPS://ONE.TEST',
    '',
    null,
    undefined,
    7,
    ['https://one.test'],
    {},
  ]) {
    const token = await one.sign({ claims: { iss } })
    t.equal(await codeWith(both, token), 'token_invalid', JSON.stringify(iss))
  }
})

t.test('the audience is pinned, alone or in a list', async (t) => {
  const signer = await createSigner()
  for (const aud of ['api', ['api'], ['other', 'api']]) {
    t.equal(await codeWith([signer], await signer.sign({ claims: { aud } })), 'authenticated')
  }
  for (const aud of [
    'other',
    [],
    ['other'],
    'API',
    undefined,
    null,
    { 0: 'api' },
    [['api']],
    'api ',
  ] as const) {
    const code = await codeWith([signer], await signer.sign({ claims: { aud } }))
    t.equal(code, 'token_invalid', JSON.stringify(aud))
  }
})

t.test('no other type, extension or shape passes', async (t) => {
  const signer = await createSigner()
  for (const typ of ['JWT', 'jwt', 'at+jwt', 'application/at+jwt']) {
    t.equal(await codeWith([signer], await signer.sign({ header: { typ } })), 'authenticated', typ)
  }
  for (const typ of [
    'sallyport+jwt',
    'better-auth.session-cache+jwt',
    'logout+jwt',
    'dpop+jwt',
    'id_token',
    'secevent+jwt',
  ]) {
    t.equal(await codeWith([signer], await signer.sign({ header: { typ } })), 'token_invalid', typ)
  }
  const good = await signer.sign()
  const [header = '', payload = '', signature = ''] = good.split('.')
  const critical = await new CompactSign(Buffer.from(payload, 'base64url'))
    .setProtectedHeader({ alg: 'EdDSA', kid: 'key-1', crit: ['b64'], b64: true })
    .sign(signer.key.privateKey)
  for (const [why, token] of Object.entries({
    crit: critical,
    'five segments': `${good}.a.b`,
    'no signature': `${header}.${payload}.`,
    'another signature': `${header}.${payload}.${signature.slice(0, -4)}AAAA`,
    padding: `${good}==`,
    'a longer payload': `${header}.${payload}AA.${signature}`,
    'oversized claims': await signer.sign({ claims: { x: 'y'.repeat(9000) } }),
  })) {
    t.equal(await codeWith([signer], token), 'token_invalid', why)
  }
})

t.test('times, lifetime and user are judged as those of every other token', async (t) => {
  const signer = await createSigner()
  const now = Math.floor(Date.now() / 1000)
  t.equal(
    await codeWith([signer], await signer.sign({ claims: { exp: now - 1 } })),
    'token_expired',
  )
  for (const [why, claims] of Object.entries({
    'no exp': { exp: undefined },
    'exp as text': { exp: String(now + 60) },
    'an absurd lifetime': { exp: now + 100_000_000 },
    'not yet': { nbf: now + 60 },
    'issued in the future': { iat: now + 60 },
    'no user': { sub: undefined },
    'a user with a space': { sub: 'user 1' },
    'a user as a number': { sub: 7 },
    'a user with a line break': { sub: 'a\r\nx-user-id: b' },
  })) {
    t.equal(await codeWith([signer], await signer.sign({ claims })), 'token_invalid', why)
  }
})

t.test(
  'a token is judged on every request, and known again only while its key is published',
  async (t) => {
    let now = 0
    const signer = await createSigner('https://a.test', { monotonic: () => now })
    const given = depsWith([signer])
    const token = await signer.sign()
    t.equal(await codeOf(token, given), 'authenticated')
    const reader = createBearerReader(given)
    const ask = (): Outcome | Promise<Outcome> => reader(`Bearer ${token}`, {}, Date.now())
    const [first, again] = [await ask(), await ask()]
    t.equal(
      first.answer === 'authenticated' && first.principal,
      again.answer === 'authenticated' && again.principal,
      'as the same principal',
    )
    t.match(await read(token, given, Date.now() + 61_000), { refusal: { code: 'token_expired' } })
    signer.published.length = 0
    signer.published.push((await makeKeyPair('key-1')).jwk)
    now = 300_001
    await codeOf(token, given)
    await new Promise((resolve) => setImmediate(resolve))
    t.equal(await codeOf(token, given), 'token_invalid', 'another key has taken its place')
  },
)

t.test('roles and scopes count only where a claim is named for them', async (t) => {
  const claims = {
    roles: ['admin', 7],
    role: 'user,editor ',
    scope: 'todos:read  todos:write',
    groups: 'x',
  }
  const grants = async (
    rolesClaim: string | null,
    scopesClaim: string | null,
  ): Promise<unknown> => {
    const signer = await createSigner('https://a.test', { rules: { rolesClaim, scopesClaim } })
    const outcome = await read(await signer.sign({ claims }), depsWith([signer]))
    if (outcome.answer !== 'authenticated' || outcome.principal.kind !== 'bearer') return outcome
    return [outcome.principal.roles, outcome.principal.scopes]
  }
  t.same(await grants(null, null), [[], []])
  t.same(await grants('roles', 'scope'), [['admin'], ['todos:read', 'todos:write']])
  t.same(await grants('role', 'groups'), [['user', 'editor'], ['x']])
  t.same(await grants('exp', 'missing'), [[], []])
  t.same(await grants('constructor', 'toString'), [[], []])
})

import t from 'tap'
import { createApiKeyReader, type ApiKeyAnswer, type ApiKeys } from '../../../src/authn/api-key.ts'
import { authenticate, type AuthnDeps } from '../../../src/authn/authenticate.ts'
import { createCookieReader } from '../../../src/authn/cookie.ts'
import type { Outcome } from '../../../src/authn/outcome.ts'
import { createBearerReader } from '../../../src/authn/bearer/reader.ts'
import { createHs256, digest } from '../../../src/crypto/hs256.ts'
import { readHead } from '../../../src/head.ts'
import { authSecret, goodClaims, mint, signCookie } from '../../helper/token.ts'
import { deps, session } from '../reading.ts'

const { user } = session
const valid: ApiKeyAnswer = {
  kind: 'valid',
  principal: { kind: 'apiKey', userId: user.id, keyId: 'k1', user, scopes: ['todos:read'] },
}

function reading(answer: ApiKeyAnswer | Error, remembered?: ApiKeyAnswer) {
  const asked: string[] = []
  const apiKeys: ApiKeys = {
    peek: () => remembered,
    find: (key, apiKey) => {
      asked.push(key, apiKey)
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    },
  }
  return { asked, readApiKey: createApiKeyReader({ apiKeys, digest }) }
}

async function codeOf(outcome: Outcome | Promise<Outcome>): Promise<string> {
  const settled = await outcome
  return settled.answer === 'rejected' ? settled.refusal.code : settled.answer
}

t.test('a key is its owner, with its permissions as scopes', async (t) => {
  const { readApiKey, asked } = reading(valid)
  t.match(await readApiKey('key', {}, 0), {
    principal: { kind: 'apiKey', userId: user.id, scopes: ['todos:read'] },
  })
  t.same(asked, [digest('key'), 'key'])
  const remembered = reading(new Error('away'), valid)
  t.equal(await codeOf(remembered.readApiKey('key', {}, 0)), 'authenticated')
  t.same(remembered.asked, [], 'what is remembered is not asked for')
})

t.test('what is no key by its form costs no look-up', async (t) => {
  const { readApiKey, asked } = reading(valid)
  for (const key of ['', ' ', 'a b', 'k\u0000', 'ü', 'a'.repeat(513), 'a,b c']) {
    t.equal(
      await codeOf(readApiKey(key, {}, 0)),
      'api_key_invalid',
      JSON.stringify(key.slice(0, 9)),
    )
  }
  t.same(asked, [])
})

t.test('a key that does not count is 401, one that is used up 429, an outage 503', async (t) => {
  t.equal(await codeOf(reading({ kind: 'invalid' }).readApiKey('key', {}, 0)), 'api_key_invalid')
  t.match(await reading({ kind: 'limited', untilMs: 61_500 }).readApiKey('key', {}, 1000), {
    refusal: { code: 'rate_limited', headers: { 'retry-after': '61' } },
  })
  t.match(await reading({ kind: 'limited', untilMs: 5 }).readApiKey('key', {}, 1000), {
    refusal: { headers: { 'retry-after': '1' } },
  })
  const forever = await reading({ kind: 'limited', untilMs: null }).readApiKey('key', {}, 0)
  t.match(forever, { refusal: { code: 'rate_limited', headers: undefined } })
  t.equal(
    await codeOf(reading(new Error('away')).readApiKey('key', {}, 0)),
    'session_store_unavailable',
  )
})

const token = 'abcdefghijklmnopqrstuvwxyz012345'
const cookie = `better-auth.session_token=${signCookie(token)}`
const authorization = `Bearer ${mint(goodClaims())}`

function decide(lines: readonly string[], more: Partial<AuthnDeps>): Promise<string> {
  const sessions = { ...deps().sessions, findByToken: () => Promise.resolve(session) }
  const given: AuthnDeps = {
    readBearer: createBearerReader(deps()),
    readCookie: createCookieReader({
      cookieName: 'better-auth.session_token',
      sessions,
      verifySignature: createHs256(authSecret).verifyBase64,
      digest,
    }),
    ...more,
  }
  return codeOf(authenticate(readHead('GET', '/', lines), given, Date.now()))
}

t.test('a key decides alone: nothing else that came along rescues a bad one', async (t) => {
  const { readApiKey } = reading({ kind: 'invalid' })
  t.equal(await decide(['x-api-key', 'bad', 'cookie', cookie], { readApiKey }), 'api_key_invalid')
  t.equal(await decide(['cookie', cookie], { readApiKey }), 'authenticated')
  t.equal(await decide(['authorization', authorization], { readApiKey }), 'authenticated')
  const good = { readApiKey: reading(valid).readApiKey }
  t.equal(
    await decide(['X-API-Key', 'good', 'cookie', 'better-auth.session_token=x'], good),
    'authenticated',
  )
})

t.test('two credentials that each would decide are one too many', async (t) => {
  const good = { readApiKey: reading(valid).readApiKey }
  for (const lines of [
    ['authorization', authorization, 'x-api-key', 'good'],
    ['x-api-key', 'good', 'Authorization', authorization],
    ['x-api-key', '', 'authorization', authorization],
    ['x-api-key', 'good', 'x-api-key', 'good', 'authorization', authorization],
  ]) {
    t.equal(await decide(lines, good), 'token_invalid', lines.join(' ').slice(0, 40))
  }
  for (const lines of [
    ['x-api-key', 'good', 'x-api-key', 'good'],
    ['x-api-key', 'good', 'X-Api-Key', 'other', 'cookie', cookie],
    ['x-api-key', '', 'x-api-key', 'good'],
    ['x-api-key', 'a', 'x-api-key', 'b', 'x-api-key', 'c'],
  ]) {
    t.equal(await decide(lines, good), 'api_key_invalid', lines.join(' '))
  }
})

t.test('where keys are not accepted the header is like any other', async (t) => {
  t.equal(await decide(['x-api-key', 'a', 'x-api-key', 'b', 'cookie', cookie], {}), 'authenticated')
  t.equal(await decide(['x-api-key', 'a', 'authorization', authorization], {}), 'authenticated')
  t.equal(await decide(['x-api-key', 'a'], {}), 'absent')
})

// One that was noticed before must not be forgotten for the sake of `Authorization`, which is judged by others.
t.test('a repeated header is not overlooked for a repeated Authorization', (t) => {
  const twice = ['authorization', 'a', 'authorization', 'b']
  for (const name of ['host', 'origin', 'content-type']) {
    const other = [name, 'x', name, 'y']
    t.equal(readHead('GET', '/', [...other, ...twice]).repeated, name)
    t.equal(readHead('GET', '/', [...twice, ...other]).repeated, name)
  }
  t.equal(readHead('GET', '/', twice).repeated, 'authorization')
  t.end()
})

import t from 'tap'
import { createCookieReader, type CookieDeps } from '../../src/authn/cookie.ts'
import type { Outcome } from '../../src/authn/outcome.ts'
import { createHs256, digest } from '../../src/crypto/hs256.ts'
import { session } from './reading.ts'
import { authSecret, jwtSecret, signCookie } from '../helper/token.ts'

const token = 'abcdefghijklmnopqrstuvwxyz012345'
const name = 'better-auth.session_token'
async function readSessionCookie(header: string | null, given: CookieDeps): Promise<Outcome> {
  return createCookieReader(given)(header, {})
}

function deps(
  more: Partial<CookieDeps['sessions']> = {},
): CookieDeps & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    cookieName: name,
    digest,
    verifySignature: createHs256(authSecret).verifyBase64,
    sessions: {
      peek: () => undefined,
      findByToken: (_key, value) => {
        asked.push(value)
        return Promise.resolve(value === token ? session : null)
      },
      findById: () => Promise.resolve(null),
      wasRevoked: () => false,
      ...more,
    },
  }
}

t.test('a signed cookie is its session', async (t) => {
  const given = deps()
  const outcome = await readSessionCookie(`a=1; ${name}=${signCookie(token)}; b=2`, given)
  t.match(outcome, { answer: 'authenticated', principal: { via: 'cookie', userId: 'user-1' } })
  t.same(given.asked, [token])
})

t.test('no cookie, or one whose name only looks alike, is absent', async (t) => {
  for (const header of [
    null,
    '',
    'a=1',
    `x${name}=v`,
    `${name}2=v`,
    name.toUpperCase() + '=v',
    `__Host-${name}=v`,
    `a=${name}`,
  ]) {
    t.match(await readSessionCookie(header, deps()), { answer: 'absent' }, String(header))
  }
})

t.test('a forgery is refused before anything is looked up', async (t) => {
  const good = signCookie(token)
  const forgeries = {
    'no signature': token,
    'an empty value': '',
    'an empty signature': `${token}.`,
    'another secret': signCookie(token, jwtSecret),
    'the empty secret': signCookie(token, ''),
    'the well-known development secret': signCookie(
      token,
      'better-auth-secret-12345678901234567890',
    ),
    'a swapped token': good.replace('abc', 'abd'),
    'a cut signature': good.slice(0, -4),
    'a broken escape': `${token}.%zz`,
    'an oversized token': signCookie('a'.repeat(300)),
    'a quoted value': `"${good}"`,
  }
  for (const [why, value] of Object.entries(forgeries)) {
    const given = deps()
    const outcome = await readSessionCookie(`${name}=${value}`, given)
    t.match(outcome, { refusal: { code: 'session_invalid', clearCookies: true } }, why)
    t.same(given.asked, [], why)
  }
})

t.test('the same cookie twice is refused, even when both are good', async (t) => {
  const pair = `${name}=${signCookie(token)}`
  t.match(await readSessionCookie(`${pair}; ${pair}`, deps()), {
    refusal: { code: 'session_invalid' },
  })
})

t.test('an ended session is expired, or revoked where that is known', async (t) => {
  const other = signCookie('another-token-that-is-long-enough')
  t.match(await readSessionCookie(`${name}=${other}`, deps()), {
    refusal: { code: 'session_expired', clearCookies: true },
  })
  const marked = deps({
    wasRevoked: (mark) => mark === digest('another-token-that-is-long-enough'),
  })
  t.match(await readSessionCookie(`${name}=${other}`, marked), {
    refusal: { code: 'session_revoked' },
  })
})

t.test('a store that is away is 503 and never clears a cookie', async (t) => {
  const away = deps({ findByToken: () => Promise.reject(new Error('away')) })
  const outcome = await readSessionCookie(`${name}=${signCookie(token)}`, away)
  t.match(outcome, { refusal: { code: 'session_store_unavailable', clearCookies: undefined } })
})

t.test(
  'what one connection presented says nothing about another, or about other cookies',
  async (t) => {
    const given = deps()
    const read = createCookieReader(given)
    const [one, two] = [{}, {}]
    const good = `${name}=${signCookie(token)}`
    t.match(await read(good, one), { answer: 'authenticated' })
    t.match(await read(good, one), { answer: 'authenticated' })
    t.match(await read(`${good}x`, one), { refusal: { code: 'session_invalid' } })
    t.match(await read('a=1', one), { answer: 'absent' })
    t.match(await read(`${good}; ${good}`, two), { refusal: { code: 'session_invalid' } })
    t.match(await read(good, two), { answer: 'authenticated' })
  },
)

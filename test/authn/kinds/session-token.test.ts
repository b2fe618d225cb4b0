import t from 'tap'
import type { SessionProof } from '../../../src/authn/sessions.ts'
import { createHs256, digest } from '../../../src/crypto/hs256.ts'
import { authSecret, goodClaims, jwtSecret, mint, signCookie } from '../../helper/token.ts'
import { codeOf, deps, read, session } from '../reading.ts'

const token = 'abcdefghijklmnopqrstuvwxyz012345'
const signed = signCookie(token)
const plain = decodeURIComponent(signed)

/** A reader that takes session tokens, and what it asked the store. */
function reading(more: { readonly isAway?: boolean; readonly revoked?: string } = {}) {
  const asked: { readonly key: string; readonly token: string; readonly proof?: SessionProof }[] =
    []
  const sessions = {
    ...deps().sessions,
    findByToken: (key: string, given: string, proof?: SessionProof) => {
      asked.push({ key, token: given, ...(proof === undefined ? {} : { proof }) })
      if (more.isAway === true) return Promise.reject(new Error('away'))
      return Promise.resolve(given === token ? session : null)
    },
    wasRevoked: (mark: string) => mark === more.revoked,
  }
  const { verifyBase64: verifySignature } = createHs256(authSecret)
  const given = deps({ sessions, sessionTokens: { sessions, verifySignature, digest } })
  return { given, asked }
}

t.test('a signed session token is its session, plain or percent-encoded', async (t) => {
  const { given, asked } = reading()
  for (const credential of [signed, plain]) {
    t.match(await read(credential, given), {
      principal: { kind: 'session', via: 'bearer', userId: session.user.id },
    })
  }
  const [one, other] = asked
  t.equal(one?.key, other?.key, 'both are the same to the cache')
  t.equal(one?.key, digest(signed), 'and the same as the cookie')
  t.same(one?.proof, { cookie: signed, address: '' })
})

t.test('where they are not accepted they are nobody', async (t) => {
  t.equal(await codeOf(signed, deps()), 'token_invalid')
  t.equal(await codeOf(plain, deps()), 'token_invalid')
})

// Better Auth's own plugin takes a token without its signature; whoever has seen a list of sessions has that.
t.test('a token that is not signed, or not by this secret, costs no look-up', async (t) => {
  const { given, asked } = reading()
  const [, signature = ''] = plain.split('.')
  const forgeries = {
    'the token alone': token,
    'an empty signature': `${token}.`,
    'another secret': signCookie(token, jwtSecret),
    'the development secret': signCookie(token, 'better-auth-secret-12345678901234567890'),
    'a swapped token': plain.replace('abc', 'abd'),
    'the signature alone': `.${signature}`,
    'twice encoded': encodeURIComponent(signed),
    'a broken escape': `${token}.%zz`,
    'base64url for base64': plain.replaceAll('+', '-').replaceAll('/', '_').slice(0, -1),
    'a cut signature': `${plain.slice(0, -2)}=`,
    'more after it': `${plain}x`,
    'a dot more': `${plain}.`,
    'a token that is too long': signCookie('a'.repeat(300)),
  }
  for (const [why, credential] of Object.entries(forgeries)) {
    t.equal(await codeOf(credential, given), 'token_invalid', why)
  }
  t.same(asked, [])
})

t.test('it dies with its session, and is 503 where that cannot be known', async (t) => {
  const other = 'zyxwvutsrqponmlkjihgfedcba543210'
  t.equal(await codeOf(signCookie(other), reading().given), 'session_expired')
  t.equal(
    await codeOf(signCookie(other), reading({ revoked: digest(other) }).given),
    'session_revoked',
  )
  const outcome = await read(signed, reading({ isAway: true }).given)
  t.match(outcome, { refusal: { code: 'session_store_unavailable' } })
  t.notMatch(await read(signCookie(other), reading().given), { refusal: { clearCookies: true } })
})

t.test('tokens with a shared secret are read as before', async (t) => {
  const { given } = reading()
  t.equal(await codeOf(mint(goodClaims()), given), 'authenticated')
  t.equal(await codeOf(mint(goodClaims(), { secret: authSecret }), given), 'token_invalid')
})

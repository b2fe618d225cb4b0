import t from 'tap'
import { createTokenVerifier } from '../../src/authn/bearer/hs256.ts'
import { createHs256, digest } from '../../src/crypto/hs256.ts'
import { goodClaims, jwtSecret, mint } from '../helper/token.ts'
import { codeOf, deps, read, session } from './reading.ts'

t.test('a token of ours lives and dies with its session', async (t) => {
  const header = { alg: 'HS256', typ: 'at+jwt' }
  const own = (claims: object): string => mint(goodClaims({ ...claims }), { header })
  t.match(await read(own({ sid: 'session-1' })), { principal: { kind: 'session', via: 'bearer' } })
  t.equal(await codeOf(own({ sid: 'gone' })), 'session_expired')
  t.equal(await codeOf(own({})), 'token_invalid', 'without sid')
  t.equal(
    await codeOf(own({ sid: 'session-1', sub: 'user-2' })),
    'token_invalid',
    'of another user',
  )
  const revoked = deps({ sessions: { ...deps().sessions, wasRevoked: () => true } })
  t.equal(await codeOf(own({ sid: 'gone' }), revoked), 'session_revoked')
  const away = deps({
    sessions: { ...deps().sessions, findById: () => Promise.reject(new Error('away')) },
  })
  t.equal(await codeOf(own({ sid: 'session-1' }), away), 'session_store_unavailable')
})

t.test('a token is verified once, but judged on every request', async (t) => {
  let verified = 0
  const verify = createTokenVerifier({
    verifiers: [
      (input, signature) => {
        verified += 1
        return createHs256(jwtSecret).verify(input, signature)
      },
    ],
    digest,
  })
  const exp = Math.floor(Date.now() / 1000) + 60
  const token = mint({ sub: 'u', exp })
  const given = deps({ verify })
  t.equal(await codeOf(token, given), 'authenticated')
  t.equal(await codeOf(token, given), 'authenticated')
  t.equal(verified, 1)
  t.match(await read(token, given, (exp + 1) * 1000), { refusal: { code: 'token_expired' } })
  const other = mint({ sub: 'u', exp: exp + 1 })
  const spliced = token.slice(0, token.lastIndexOf('.')) + other.slice(other.lastIndexOf('.'))
  t.equal(await codeOf(spliced, given), 'token_invalid', 'other bytes are another token')
  t.equal(await codeOf(spliced, given), 'token_invalid', 'a failure is not remembered as a success')
})

// PostgreSQL finds a UUID whatever its letters and dashes; marks and caches go by the text.
t.test('a session is known by one spelling of its id', async (t) => {
  const header = { alg: 'HS256', typ: 'at+jwt' }
  const sessions = { ...deps().sessions, findById: () => Promise.resolve(session) }
  const other = mint(goodClaims({ sid: session.id.toUpperCase() }), { header })
  t.equal(await codeOf(other, deps({ sessions })), 'token_invalid')
  t.equal(
    await codeOf(mint(goodClaims({ sid: session.id }), { header }), deps({ sessions })),
    'authenticated',
  )
})

import t from 'tap'
import type { Answer, Question } from '../../../../src/session/remote/client/client.ts'
import { KnownSessions } from '../../../../src/session/remote/known.ts'
import { createPresenter } from '../../../../src/session/remote/proof.ts'
import { createRemoteSource } from '../../../../src/session/remote/source.ts'
import { digest } from '../../../../src/crypto/hs256.ts'
import { authSecret, signCookie } from '../../../helper/token.ts'

const token = 'a'.repeat(32)
const cookie = signCookie(token)
const proof = { cookie, address: '192.0.2.7' }
const now = Date.parse('2030-01-02T00:00:00.000Z')

const body = {
  session: {
    id: 's1',
    userId: 'u1',
    token,
    expiresAt: '2030-01-08T00:00:00.000Z',
    createdAt: '2030-01-01T00:00:00.000Z',
    updatedAt: '2030-01-01T12:00:00.000Z',
  },
  user: { id: 'u1', email: 'a@example.com', emailVerified: true, name: 'A' },
}

/** A source whose remote answers what it is told to. */
function source(secrets: readonly string[] = [], given: unknown = body) {
  const asked: Question[] = []
  const made = createRemoteSource({
    client: {
      ask: <T>(question: Question, read: (answer: Answer) => T) => {
        asked.push(question)
        return Promise.resolve(read({ status: 200, text: JSON.stringify(given), setCookies: [] }))
      },
    },
    path: '/api/auth',
    cookieName: 'sid',
    isAuthCookie: () => true,
    session: { lifetimeMs: 7 * 86_400_000, refreshAfterMs: 86_400_000 },
    presenter: createPresenter(secrets),
    known: new KnownSessions(digest),
    say: () => undefined,
    now: () => now,
  })
  return { ...made, asked }
}

t.test('it asks with the cookie, the address, and nothing else', async (t) => {
  const remote = source()
  t.match(await remote.findByToken(token, proof), { id: 's1', user: { id: 'u1' } })
  t.strictSame(remote.asked, [
    {
      method: 'GET',
      path: '/api/auth/get-session?disableRefresh=true&disableCookieCache=true',
      cookie: `sid=${cookie}`,
      address: '192.0.2.7',
    },
  ])
})

t.test(
  'a session is asked about by id only with a cookie that proves that very session',
  async (t) => {
    const remote = source()
    await t.rejects(remote.findById('s1'), 'nobody has shown it yet')
    t.equal(await remote.findById('s2', proof), null, 'it proves another one')
    t.match(await remote.findById('s1', proof), { id: 's1' })
    t.match(await remote.findById('s1'), { id: 's1' }, 'it has been shown')
    await t.rejects(remote.findById('s1', { ...proof, cookie: 'nonsense' }))
    t.match(await remote.findByToken(token, proof), { id: 's1' })
  },
)

t.test('a cookie of a secret that is on its way out is signed anew', async (t) => {
  const old = 'Xh5Rw8Nc2Vt6Lz1Kq9Mb4Jd7Gf3Ps0Ya'
  const remote = source([authSecret, old])
  t.match(await remote.findById('s1', { ...proof, cookie: signCookie(token, old) }), { id: 's1' })
  t.equal(remote.asked[0]?.cookie, `sid=${cookie}`)
  await t.rejects(
    remote.findById('s1', { ...proof, cookie: signCookie(token, 'another') }),
    'a forgery is not',
  )
})

t.test(
  'it is due by its own last change, or by the age of its expiry, whichever comes first',
  async (t) => {
    const at = async (more: object): Promise<string> => {
      const given = { ...body, session: { ...body.session, ...more } }
      const session = await source([], given).findByToken(token, proof)
      return new Date(session?.refreshAtMs ?? 0).toISOString()
    }
    t.equal(await at({}), '2030-01-02T00:00:00.000Z')
    t.equal(await at({ updatedAt: undefined }), '2030-01-02T00:00:00.000Z')
    t.equal(await at({ updatedAt: '2030-01-01T23:00:00.000Z' }), '2030-01-02T00:00:00.000Z')
    t.equal(await at({ expiresAt: '2030-01-31T00:00:00.000Z' }), '2030-01-02T12:00:00.000Z')
  },
)

t.test('what has expired by our clock is no session', async (t) => {
  const session = { ...body.session, expiresAt: '2030-01-02T00:00:00.000Z' }
  t.equal(await source([], { ...body, session }).findByToken(token, proof), null)
})

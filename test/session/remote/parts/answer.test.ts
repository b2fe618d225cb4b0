import t from 'tap'
import { readAnswer } from '../../../../src/session/remote/answer.ts'
import { RemoteFailure } from '../../../../src/session/remote/client/failure.ts'

const token = 'a'.repeat(32)
const session = {
  id: 's1',
  userId: 'u1',
  token,
  expiresAt: '2030-01-08T00:00:00.000Z',
  createdAt: '2030-01-01T00:00:00.000Z',
  updatedAt: '2030-01-01T00:00:00.000Z',
}
const user = { id: 'u1', email: 'a@example.com', emailVerified: true, name: 'A' }

function answer(body: unknown, status = 200) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { status, text, setCookies: [] }
}

t.test('a session with its user', async (t) => {
  const told = readAnswer(
    answer({
      session: { ...session, impersonatedBy: 'u9' },
      user: { ...user, role: 'admin', banned: true, banExpires: session.expiresAt, plan: 'pro' },
    }),
    token,
  )
  t.match(told, {
    rows: {
      session: { id: 's1', userId: 'u1', impersonatedBy: 'u9' },
      user: { ...user, role: 'admin', banned: true, banExpires: session.expiresAt, plan: 'pro' },
    },
    updatedAtMs: Date.parse(session.updatedAt),
    needsRefresh: false,
    organization: null,
  })
  const organization = { id: 'o1', role: 'owner' }
  t.match(
    readAnswer(answer({ session, user, needsRefresh: true, sallyport: { organization } }), token),
    {
      needsRefresh: true,
      organization,
    },
  )
})

t.test('null with 200 is the only no', async (t) => {
  t.equal(readAnswer(answer(null), token), null)
  for (const [body, status] of [
    [null, 204],
    [null, 401],
    [null, 403],
    [null, 404],
    [null, 302],
    [null, 500],
    [null, 503],
    ['', 200],
    ['<html></html>', 200],
    ['{"session":', 200],
    [{}, 200],
    [[], 200],
    [false, 200],
    ['"signed out"', 200],
    [{ session: null, user: null }, 200],
    [{ session, user: null }, 200],
    [{ user }, 200],
    [{ session }, 200],
    [{ who: 'A' }, 200],
    [{ error: 'no' }, 200],
  ] as const) {
    t.throws(
      () => readAnswer(answer(body, status), token),
      RemoteFailure,
      `${JSON.stringify(body)} with ${status}`,
    )
  }
})

t.test('a session that is not what it should be is none', async (t) => {
  const changes: readonly [string, object, object][] = [
    ['of another token', { token: 'b'.repeat(32) }, {}],
    ['of another user', { userId: 'u2' }, {}],
    ['without an id', { id: undefined }, {}],
    ['with an id that is no text', { id: 1 }, {}],
    ['with an id that cannot be a header', { id: 's\n1' }, {}],
    ['without an expiry', { expiresAt: undefined }, {}],
    ['with an expiry that is no time', { expiresAt: 'soon' }, {}],
    ['without a beginning', { createdAt: null }, {}],
    ['of a user whose id cannot be a header', { userId: 'ü' }, { id: 'ü' }],
    [
      'of a user of whom it is not said whether the e-mail is verified',
      {},
      { emailVerified: 'yes' },
    ],
    ['of a user of whom it is unclear whether they are banned', {}, { banned: 'false' }],
    ['of a user with several roles in a list', {}, { role: ['admin'] }],
  ]
  for (const [what, ofSession, ofUser] of changes) {
    const body = { session: { ...session, ...ofSession }, user: { ...user, ...ofUser } }
    t.throws(() => readAnswer(answer(body), token), RemoteFailure, what)
  }
  t.ok(readAnswer(answer({ session: { ...session, token: undefined }, user }), token))
})

t.test('a rate limit is no outage', async (t) => {
  const isBusy = (status: number): boolean | null => {
    try {
      readAnswer(answer('', status), token)
      return null
    } catch (error) {
      return (error as RemoteFailure).isBusy
    }
  }
  t.equal(isBusy(429), true)
  t.equal(isBusy(503), false)
})

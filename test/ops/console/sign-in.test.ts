import t from 'tap'
import { askAdmin, bearer, post, signInAt, startWithConsole, token } from './stage.ts'

const state = '/console/state'
const other = 'Hq7Rn3yX1wC6mU8sP0bK5jG2fE9dT4vL'
const elsewhere = 'listen: "0.0.0.0:0"'

t.test('the cookie is not the token, is read by no script and sent by no other site', async (t) => {
  const { admin } = await startWithConsole(t)
  const reply = await askAdmin(admin, '/console/sign-in', post({ token }))
  t.equal(reply.status, 200)
  const [cookie = ''] = [reply.headers['set-cookie'] ?? []].flat()
  t.match(cookie, /^__Host-sallyport_console=[\w-]{43}; /)
  for (const rule of ['Path=/', 'Secure', 'HttpOnly', 'SameSite=Strict']) t.match(cookie, rule)
  t.notMatch(cookie, token)
  t.notMatch(reply.text, token)
})

t.test('signed in, one may read from anywhere, until one signs out', async (t) => {
  const { admin } = await startWithConsole(t, { admin: `${elsewhere}, token: "${token}"` })
  const cookie = await signInAt(admin)
  const headers = ['cookie', `theme=dark; ${cookie}`]
  const before = await askAdmin(admin, state, { headers })
  t.equal(before.status, 200)
  t.match(before.json()['rights'], { way: 'cookie', mayAct: true })
  await askAdmin(admin, '/console/sign-out', post({}, ['cookie', cookie]))
  t.equal((await askAdmin(admin, state, { headers })).status, 401)
})

t.test(
  'another token ends what the one before had opened; the file alone is enough for that',
  async (t) => {
    const gateway = await startWithConsole(t, { admin: `${elsewhere}, token: "${token}"` })
    const headers = ['cookie', await signInAt(gateway.admin)]
    gateway.reload({ admin: `${elsewhere}, token: "${other}"` })
    t.equal((await askAdmin(gateway.admin, state, { headers })).status, 401)
    t.equal((await askAdmin(gateway.admin, state, { headers: bearer() })).status, 401)
    t.equal((await askAdmin(gateway.admin, state, { headers: bearer(other) })).status, 200)
    gateway.reload({ admin: `${elsewhere}, token: "${token}"` })
    t.equal((await askAdmin(gateway.admin, state, { headers })).status, 200, 'it is the same again')
    gateway.reload({ admin: elsewhere })
    t.equal((await askAdmin(gateway.admin, state, { headers })).status, 403, 'there is none')
  },
)

t.test('a cookie counts for twelve hours', async (t) => {
  const gateway = await startWithConsole(t, { admin: `${elsewhere}, token: "${token}"` })
  const headers = ['cookie', await signInAt(gateway.admin)]
  gateway.clock.offsetMs = 12 * 3_600_000 - 10_000
  t.equal((await askAdmin(gateway.admin, state, { headers })).status, 200)
  gateway.clock.offsetMs = 12 * 3_600_000
  t.equal((await askAdmin(gateway.admin, state, { headers })).status, 401)
})

t.test(
  'whoever guesses waits, with the right token too, and only until the minute is over',
  async (t) => {
    const gateway = await startWithConsole(t)
    const guess = async (value: string): Promise<number> =>
      (await askAdmin(gateway.admin, '/console/sign-in', post({ token: value }))).status
    for (let times = 0; times < 10; times += 1) t.equal(await guess(`${token.slice(0, -1)}x`), 401)
    const waiting = await askAdmin(gateway.admin, '/console/sign-in', post({ token }))
    t.equal(waiting.status, 429)
    t.match(Number(waiting.headers['retry-after']), 60)
    t.equal(
      (await askAdmin(gateway.admin, state, { headers: bearer() })).status,
      429,
      'by header too',
    )
    t.equal(
      (await askAdmin(gateway.admin, state)).status,
      200,
      'what needs no token is not in the way',
    )
    gateway.clock.offsetMs = 61_000
    t.equal(await guess(token), 200)
  },
)

t.test('a page elsewhere can sign nobody in', async (t) => {
  const { admin } = await startWithConsole(t)
  const reply = await askAdmin(
    admin,
    '/console/sign-in',
    post({ token }, ['sec-fetch-site', 'cross-site']),
  )
  t.equal(reply.json()['code'], 'cross_site')
  t.equal(reply.headers['set-cookie'], undefined)
})

t.test('neither the token nor a guess is ever logged', async (t) => {
  const gateway = await startWithConsole(t)
  await signInAt(gateway.admin)
  await signInAt(gateway.admin, `${token.slice(0, -1)}x`)
  await askAdmin(gateway.admin, state, { headers: bearer() })
  const log = JSON.stringify(gateway.log)
  t.notMatch(log, token.slice(0, -1))
  t.match(log, /sign-in-refused/)
})

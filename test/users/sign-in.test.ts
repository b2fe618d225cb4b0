import { hashSync } from 'bcryptjs'
import t, { type Test } from 'tap'
import { startRedis } from '../helper/servers/redis.ts'
import { call, sql } from '../session/calls.ts'
import { niceValues, onlyLinux } from '../session/embedded/hashing/tasks.ts'
import { hashesOf, oldHash, oldPassword, scrypt, startMoving, type Moving } from './moved.ts'
import type { StartOptions } from '../helper/gateway.ts'

const email = 'ada@example.com'

/** A gateway with one user who has moved in. */
async function startMoved(
  t: Test,
  { hash = oldHash, files = {}, ...options }: Partial<StartOptions> & { hash?: string } = {},
): Promise<Moving> {
  const rows = `id,email,hashed_password\n7,${email},${hash}\n`
  const moving = await startMoving(t, { ...options, files: { ...files, 'u.csv': rows } })
  await moving.importUsers('--from', 'u.csv')
  t.strictSame(hashesOf(moving.gateway), { 7: hash })
  return moving
}

const own = (code: string): Partial<StartOptions> => ({
  auth: 'signUp: open, module: ./auth.ts',
  files: { 'auth.ts': code },
})

t.test('a hash that cannot be stored refuses nobody, and is stored the next time', async (t) => {
  const { gateway, signIn } = await startMoved(t)
  sql(
    gateway,
    `CREATE TRIGGER no BEFORE UPDATE ON account BEGIN SELECT RAISE(ABORT, 'not now'); END`,
  )
  t.equal(await signIn(email, oldPassword), '7')
  t.strictSame(hashesOf(gateway), { 7: oldHash })
  const line = gateway.log.find(({ msg }) => String(msg).startsWith('a password could not be'))
  t.match(line, { level: 40, userId: '7', reason: 'not now' })
  t.notMatch(JSON.stringify(gateway.log), /password of old|\$2b\$/)
  sql(gateway, 'DROP TRIGGER no')
  t.equal(await signIn(email, oldPassword), '7')
  t.match(hashesOf(gateway)['7'], scrypt)
})

t.test('several sign-ins at once all succeed, and leave one hash', async (t) => {
  const { gateway, signIn } = await startMoved(t)
  const all = await Promise.all(Array.from({ length: 5 }, () => signIn(email, oldPassword)))
  t.strictSame(all, Array(5).fill('7'))
  t.match(hashesOf(gateway)['7'], scrypt)
  t.equal(await signIn(email, oldPassword), '7')
})

t.test(
  'of a password that is longer than bcrypt looks at, no more is taken for granted',
  async (t) => {
    const long = 'long '.repeat(15)
    const hash = hashSync(long, '$2b$04$abcdefghijklmnopqrstuu')
    const { gateway, signIn } = await startMoved(t, { hash })
    t.equal(await signIn(email, `${long.slice(0, 73)}xx`), '7', 'as in Python')
    t.strictSame(hashesOf(gateway), { 7: hash })
    t.equal(await signIn(email, long), '7')
  },
)

t.test('whoever changes the password needs the one of old, and is hashed anew', async (t) => {
  const { gateway, signIn } = await startMoved(t)
  const { cookie } = await call(gateway, '/sign-in/email', {
    body: { email, password: oldPassword },
  })
  sql(gateway, `UPDATE account SET password = '${oldHash}'`)
  const change = (currentPassword: string): Promise<number> =>
    call(gateway, '/change-password', {
      cookie,
      body: { currentPassword, newPassword: 'a password of today' },
    }).then(({ status }) => status)
  t.equal(await change('wrong horse'), 400)
  t.equal(await change(oldPassword), 200)
  t.match(hashesOf(gateway)['7'], scrypt)
  t.equal(await signIn(email, oldPassword), null)
  t.equal(await signIn(email, 'a password of today'), '7')
})

t.test('signing in by name counts too', async (t) => {
  const { gateway } = await startMoved(
    t,
    own(`import { username } from 'better-auth/plugins'
      export default { plugins: [username()] }`),
  )
  sql(gateway, `UPDATE user SET username = 'ada'`)
  const signIn = (password: string): Promise<number> =>
    call(gateway, '/sign-in/username', { body: { username: 'ada', password } }).then(
      ({ status }) => status,
    )
  t.equal(await signIn('wrong horse'), 401)
  t.equal(await signIn(oldPassword), 200)
  t.match(hashesOf(gateway)['7'], scrypt)
})

t.test('with a hasher of the user’s own, hashes are its business alone', async (t) => {
  const { gateway, importUsers, signIn } = await startMoved(
    t,
    own(`export default { emailAndPassword: { password: {
      hash: async () => 'mine',
      verify: async ({ hash, password }) => hash.startsWith('$2b$') && password === 'theirs',
    } } }`),
  )
  t.equal(await signIn(email, oldPassword), null)
  t.equal(await signIn(email, 'theirs'), '7')
  t.strictSame(hashesOf(gateway), { 7: oldHash })
  t.match(await importUsers('--from', 'u.csv'), { out: /warning: auth\.module verifies passwords/ })
})

t.test('also where sessions are kept in Redis', async (t) => {
  const redis = await startRedis(t)
  if (redis === null) return
  const { gateway, signIn } = await startMoved(t, { yaml: `redis: "${redis.url}"` })
  t.equal(await signIn(email, oldPassword), '7')
  t.match(hashesOf(gateway)['7'], scrypt)
})

t.test('old hashes are verified on the hashing threads', onlyLinux, async (t) => {
  const { gateway } = await startMoved(t)
  t.equal(niceValues().hashing.length, 0)
  const body = { email, password: 'wrong horse' }
  t.equal((await call(gateway, '/sign-in/email', { body })).status, 401)
  t.equal(niceValues().hashing.length, 1)
})

import { inspect } from 'node:util'
import { verifyPassword } from 'better-auth/crypto'
import t from 'tap'
import { signUp, startGateway } from '../../helper/gateway.ts'
import { call } from '../calls.ts'
import { niceValues, noneLeft, onlyLinux } from './hashing/tasks.ts'
import {
  createPasswordHashing,
  limitHasher,
  type PasswordHasher,
} from '../../../src/session/embedded/limits/password.ts'

interface Held {
  readonly hasher: PasswordHasher
  /** Passwords whose hashing has begun, in that order. */
  readonly begun: string[]
  /** Ends the oldest that is under way. */
  readonly finish: () => Promise<void>
}

function hold(): Held {
  const begun: string[] = []
  const ends: (() => void)[] = []
  const hash = async (password: string): Promise<string> => {
    begun.push(password)
    await new Promise<void>((resolve) => ends.push(resolve))
    return `hash of ${password}`
  }
  const verify = async ({ password }: { password: string }): Promise<boolean> => {
    await hash(password)
    return true
  }
  const finish = async (): Promise<void> => {
    ends.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { hasher: { hash, verify }, begun, finish }
}

t.test('so many are hashed at once and no more, first come first served', async (t) => {
  const { hasher, begun, finish } = hold()
  const { hash, verify } = limitHasher(hasher, { concurrency: 2, maxWaiting: 10 })
  const answers = Promise.all([
    hash('a'),
    verify({ hash: '', password: 'b' }),
    hash('c'),
    hash('d'),
  ])
  t.same(begun, ['a', 'b'])
  await finish()
  t.same(begun, ['a', 'b', 'c'])
  await finish()
  t.same(begun, ['a', 'b', 'c', 'd'])
  await finish()
  await finish()
  t.same(await answers, ['hash of a', true, 'hash of c', 'hash of d'])
})

t.test(
  'when the queue is full the next is sent away, and a free place is taken again',
  async (t) => {
    const { hasher, begun, finish } = hold()
    const { hash } = limitHasher(hasher, { concurrency: 1, maxWaiting: 1 })
    const kept = [hash('a'), hash('b')]
    const refused: unknown = await hash('c').catch((error: unknown) => error)
    t.match(refused, { statusCode: 503, body: { code: 'PASSWORD_HASHING_BUSY' } })
    await finish()
    kept.push(hash('d'))
    await finish()
    await finish()
    t.same(await Promise.all(kept), ['hash of a', 'hash of b', 'hash of d'])
    t.same(begun, ['a', 'b', 'd'])
  },
)

t.test('a hash that fails gives its place back', async (t) => {
  let calls = 0
  const failing: PasswordHasher = {
    hash: () => Promise.reject(new Error(`failure ${++calls}`)),
    verify: () => Promise.reject(new Error(`failure ${++calls}`)),
  }
  const { hash } = limitHasher(failing, { concurrency: 1, maxWaiting: 1 })
  for (const nth of [1, 2, 3]) await t.rejects(hash('x'), { message: `failure ${nth}` })
})

t.test(
  'whoever waits when the gateway closes is sent away, and so is everybody after',
  async (t) => {
    const { hasher, begun, finish } = hold()
    const limited = limitHasher(hasher, { concurrency: 1, maxWaiting: 10 })
    const underWay = limited.hash('a')
    const waiting = ['b', 'c'].map((password) => limited.hash(password))
    limited.close()
    for (const each of [...waiting, limited.hash('d')]) {
      const refused: unknown = await each.catch((error: unknown) => error)
      t.match(refused, { statusCode: 503, body: { code: 'PASSWORD_HASHING_BUSY' } })
    }
    await finish()
    t.equal(await underWay, 'hash of a', 'what has begun is not taken back')
    t.same(begun, ['a'])
  },
)

t.test("what a user hashes with wins, and what is missing of it is Better Auth's", async (t) => {
  const hashing = createPasswordHashing({
    verify: ({ hash, password }) => Promise.resolve(hash === `old ${password}`),
  })
  t.teardown(() => {
    hashing.close()
  })
  t.equal(await hashing.verify({ hash: 'old a', password: 'a' }), true)
  const hash = await hashing.hash('a')
  t.equal(await verifyPassword({ hash, password: 'a' }), true)
  t.equal(await hashing.verify({ hash, password: 'a' }), false)
})

t.test('a flood of sign-ins is told to come back, and nobody else notices', async (t) => {
  const gateway = await startGateway(t, {
    upstream: 'http://127.0.0.1:9',
    auth: 'signUp: open, module: ./auth.ts',
    files: {
      'auth.ts': `const never = () => new Promise(() => {})
        export default { emailAndPassword: { password: { hash: never, verify: never } } }`,
    },
  })
  // None of these is ever answered: their passwords are never done.
  const flood = Array.from({ length: 100 }, () =>
    call(gateway, '/sign-in/email', { body: { email: 'a@b.test', password: 'wrong horse' } }),
  )
  for (const each of flood) each.catch(() => undefined)
  const busy = await Promise.any(flood)
  t.equal(busy.status, 503)
  t.match(busy.json(), { code: 'PASSWORD_HASHING_BUSY' })
  t.equal(busy.headers['retry-after'], '5')
  t.notOk(busy.headers['set-cookie'])
  t.equal((await gateway.request('/_gateway/session')).status, 200)
})

t.test('a hash that fails is a 500 that is logged, without the password', async (t) => {
  const gateway = await startGateway(t, {
    upstream: 'http://127.0.0.1:9',
    auth: 'signUp: open, module: ./auth.ts',
    files: {
      'auth.ts': `const die = () => Promise.reject(new Error('its thread died'))
        export default { emailAndPassword: { password: { hash: die, verify: die } } }`,
    },
  })
  const body = { name: 'Ada', email: 'ada@example.com', password: 'correct horse battery' }
  const reply = await call(gateway, '/sign-up/email', { body })
  t.equal(reply.status, 500)
  t.equal(reply.json()['code'], 'internal_error')
  t.notMatch(reply.text, /thread/)
  const log = JSON.stringify(gateway.log)
  t.match(log, /its thread died/)
  t.notMatch(log, /correct horse/)
  t.equal((await gateway.request('/_gateway/session')).status, 200)
})

t.test('closing gives up what is being hashed, and nothing is left behind', async (t) => {
  const hashing = createPasswordHashing()
  const outcomes = Promise.allSettled(Array.from({ length: 40 }, () => hashing.hash('secret')))
  hashing.close()
  for (const outcome of await outcomes) {
    t.equal(outcome.status, 'rejected')
    t.notMatch(inspect(outcome), /secret/)
  }
  await noneLeft()
})

t.test('a gateway that closes takes its hashing threads along', onlyLinux, async (t) => {
  const gateway = await startGateway(t, { upstream: 'http://127.0.0.1:9', auth: 'signUp: open' })
  t.equal(niceValues().hashing.length, 0, 'started by the first password and not before')
  await signUp(gateway)
  t.equal(niceValues().hashing.length, 1)
  await gateway.gateway.close()
  await noneLeft()
})

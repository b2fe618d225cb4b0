import t from 'tap'
import { LocalWindows, type Count } from '../../src/limits/counter.ts'
import { SharedCounter } from '../../src/limits/redis/counter.ts'
import type { Call, RedisLink } from '../../src/limits/redis/link.ts'

function start(reply: readonly [number, number] | null): {
  keys: string[]
  counter: SharedCounter
} {
  const keys: string[] = []
  const link = {
    count: ({ key, done }: Call) => {
      keys.push(key)
      done(reply)
    },
  }
  const local = new LocalWindows(() => 0)
  const prefix = 'p:'
  const options = { link: link as unknown as RedisLink, local, prefix, isPatient: false }
  return { keys, counter: new SharedCounter(options) }
}

t.test('a path that a client has chosen takes no more room in Redis than its digest', async (t) => {
  const { keys, counter } = start([1, 1000])
  const long = `192.0.2.1|/${'x'.repeat(16_000)}`
  for (const key of ['192.0.2.1|/sign-in/email', long, `${long}y`]) {
    counter.add(key, 1000, () => undefined)
  }
  t.equal(keys[0], 'p:192.0.2.1|/sign-in/email')
  t.match(keys[1], /^p:sha256:[\w-]{43}$/)
  t.not(keys[1], keys[2])
})

t.test('who is answered is told whether every gateway was counted', async (t) => {
  const told: Count[] = []
  start([7, 900]).counter.add('a', 1000, (count) => told.push(count))
  start(null).counter.add('a', 1000, (count) => told.push(count))
  t.same(told, [
    { count: 7, endsInMs: 900, isShared: true },
    { count: 1, endsInMs: 1000, isShared: false },
  ])
})

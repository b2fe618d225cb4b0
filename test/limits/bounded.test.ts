import { LRUCache } from 'lru-cache'
import t from 'tap'
import { atMost } from '../../src/memo.ts'
import { SessionCache } from '../../src/session/cache.ts'
import type { SessionSource } from '../../src/session/port.ts'
import { RevocationMarks } from '../../src/session/revocation/marks.ts'

t.test('a bounded cache lets go of what was used longest ago', async (t) => {
  const gone: string[] = []
  const cache = new LRUCache<string, number>({ ...atMost(3), dispose: (_, key) => gone.push(key) })
  for (const [at, key] of ['a', 'b', 'c'].entries()) cache.set(key, at)
  cache.get('a')
  cache.set('d', 3)
  t.strictSame(gone, ['b'])
  t.strictSame([...cache.keys()], ['d', 'a', 'c'])
  cache.set('a', 4)
  t.equal(cache.size, 3, 'a key that is there already takes no second place')
})

t.test('a cache for a million entries takes no memory before there are any', async (t) => {
  const used = (): number => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
  const clock = { now: () => 0, monotonic: () => 0 }
  const make: Readonly<Record<string, () => unknown>> = {
    'a cache': () => new LRUCache<string, number>(atMost(1_000_000)),
    'sessions of a gateway': () =>
      new SessionCache({ source: nobody, clock, ttlMs: () => 30_000, wasRevoked: () => false }),
    'revocations of a gateway': () => new RevocationMarks({ keepMs: 1000, now: clock.now }),
  }
  for (const [name, construct] of Object.entries(make)) {
    const before = used()
    const caches = Array.from({ length: 4 }, construct)
    const bytes = used() - before
    t.ok(bytes < 1_000_000, `${name}: ${bytes} bytes for ${caches.length} of them`)
  }
})

const nobody: SessionSource = {
  findByToken: () => Promise.resolve(null),
  findById: () => Promise.resolve(null),
  refresh: () => Promise.reject(new Error('nobody asks')),
}

import { LRUCache } from 'lru-cache'
import t from 'tap'
import { atMost } from '../../src/memo.ts'

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
  const before = used()
  const caches = Array.from({ length: 4 }, () => new LRUCache<string, number>(atMost(1_000_000)))
  const bytes = used() - before
  t.ok(bytes < 1_000_000, `${bytes} bytes for ${caches.length} of them`)
})

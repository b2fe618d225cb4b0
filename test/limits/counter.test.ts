import t from 'tap'
import { LocalWindows, type Count } from '../../src/limits/counter.ts'

function start(): { windows: LocalWindows; clock: { now: number } } {
  const clock = { now: 1_000_000 }
  return { windows: new LocalWindows(() => clock.now), clock }
}

function shared(count: number, endsInMs: number): Count {
  return { count, endsInMs, isShared: true }
}

t.test('a window opens with its first request and ends on time', async (t) => {
  const { windows, clock } = start()
  t.match(windows.count('a', 1000), { count: 1, endsInMs: 1000 })
  clock.now += 400
  t.match(windows.count('a', 1000), { count: 2, endsInMs: 600 })
  t.match(windows.count('b', 1000), { count: 1, endsInMs: 1000 }, 'keys are counted apart')
  clock.now += 599
  t.match(windows.count('a', 1000), { count: 3, endsInMs: 1 })
  clock.now += 1
  t.match(windows.count('a', 1000), { count: 1, endsInMs: 1000 })
})

t.test('a window that a reload made shorter ends with the shorter time', async (t) => {
  const { windows } = start()
  windows.count('a', 86_400_000)
  t.match(windows.count('a', 1000), { count: 2, endsInMs: 1000 })
  t.match(windows.count('a', 86_400_000), { count: 3, endsInMs: 1000 }, 'and does not grow again')
})

t.test('a shared count is carried on alone from where it stood', async (t) => {
  const { windows, clock } = start()
  t.match(windows.adopt('a', shared(41, 500)), { count: 41, endsInMs: 500, isShared: true })
  clock.now += 100
  t.match(windows.count('a', 1000), { count: 42, endsInMs: 400, isShared: false })
  clock.now += 400
  t.match(windows.count('a', 1000), { count: 1, endsInMs: 1000 })
})

t.test('what was counted alone is not forgotten when the shared count begins anew', async (t) => {
  const { windows, clock } = start()
  for (let index = 0; index < 10; index += 1) windows.count('a', 1000)
  clock.now += 300
  t.match(windows.adopt('a', shared(1, 1000)), { count: 11, endsInMs: 700, isShared: true })
  t.match(windows.adopt('a', shared(2, 999)), { count: 12 })
  clock.now += 700
  t.match(windows.adopt('a', shared(3, 299)), { count: 3, endsInMs: 299 }, 'until its window ends')
})

t.test('a shared count that is higher than what was counted alone stands', async (t) => {
  const { windows } = start()
  windows.count('a', 1000)
  t.match(windows.adopt('a', shared(90, 800)), { count: 90, endsInMs: 800 })
  t.match(windows.adopt('a', shared(1, 1000)), { count: 1 }, 'and a new shared window is one')
})

t.test('ever new keys do not fill the memory, and push out the oldest first', async (t) => {
  const { windows } = start()
  windows.count('first', 1e9)
  for (let index = 0; index < 99_999; index += 1) windows.count(`k${String(index)}`, 1e9)
  t.match(windows.count('first', 1e9), { count: 2 }, 'what is in use stays')
  windows.count('one more', 1e9)
  t.match(windows.count('k0', 1e9), { count: 1 })
  t.match(windows.count('first', 1e9), { count: 3 })
})

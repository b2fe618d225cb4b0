import type { Clock } from '../../clock.ts'

const times = 3

/** How long a question takes at best, milliseconds: one may meet a machine that has just something else to do. */
export async function quickest(
  ask: () => Promise<unknown>,
  clock: Pick<Clock, 'monotonic'>,
): Promise<number> {
  let best = Infinity
  for (let asked = 0; asked < times; asked += 1) {
    const before = clock.monotonic()
    await ask()
    best = Math.min(best, clock.monotonic() - before)
  }
  return best
}

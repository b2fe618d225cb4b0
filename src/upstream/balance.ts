import type { UpstreamConfig } from '../config/types.ts'
import type { Target } from './port.ts'
import type { PoolTarget } from './target.ts'

const nobody: readonly Target[] = []

/**
 * Chooses the target of each request. Never chooses none: where every target is ejected, unhealthy or has failed the
 * request, all are tried, because what is believed of them may be wrong.
 */
export class Balance {
  readonly #targets: readonly PoolTarget[]
  readonly #byPending: boolean
  readonly #now: () => number
  #next = 0

  /** @param now monotonic milliseconds; asked only when a target is not sound */
  constructor(
    targets: readonly PoolTarget[],
    balance: UpstreamConfig['balance'],
    now: () => number,
  ) {
    this.#targets = targets
    this.#byPending = balance === 'least-pending'
    this.#now = now
  }

  /**
   * @param failed targets that have just failed this request
   * @param isTrial the request is there to find out who lives: an ejected target is as good as another
   */
  choose(failed: readonly Target[], isTrial: boolean): PoolTarget {
    const target =
      this.#pick(failed, isTrial ? 'healthy' : 'usable') ??
      this.#pick(failed, 'any') ??
      this.#pick(nobody, 'any')
    if (target === undefined) throw new Error('an upstream has at least one target')
    return target
  }

  /** Turns through the targets from one past the last choice, so that equals are chosen in turn. */
  #pick(failed: readonly Target[], standard: 'usable' | 'healthy' | 'any'): PoolTarget | undefined {
    const count = this.#targets.length
    let best: PoolTarget | undefined
    let bestIndex = 0
    for (let step = 0; step < count; step += 1) {
      const index = (this.#next + step) % count
      const target = this.#targets[index]
      if (target === undefined || failed.includes(target)) continue
      if (!this.#meets(target, standard)) continue
      if (best !== undefined && target.pending >= best.pending) continue
      best = target
      bestIndex = index
      if (!this.#byPending) break
    }
    if (best !== undefined) this.#next = (bestIndex + 1) % count
    return best
  }

  #meets(target: PoolTarget, standard: 'usable' | 'healthy' | 'any'): boolean {
    switch (standard) {
      case 'any':
        return true
      case 'healthy':
        return target.healthy
      case 'usable':
        return target.sound || target.returns(this.#now())
    }
  }
}

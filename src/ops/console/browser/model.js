/** @import { Pulse, Refusal, State, Step } from './types.ts' */

/** As many as the gateway remembers. */
const maxRefusals = 500
const keptMs = 3_600_000

/** What the page knows of the gateway. */
export class Model {
  /**
   * @param {State} state
   * @param {readonly Refusal[]} refusals the newest first
   */
  constructor(state, refusals) {
    this.state = state
    /** @type {Pulse} */
    this.now = state
    /** @type {Map<number, Step>} */
    this.byTime = new Map(state.steps.map((step) => [step.at, step]))
    this.refusals = refusals
  }

  /** @param {Pulse} pulse */
  take(pulse) {
    this.now = pulse
    for (const step of pulse.steps) this.byTime.set(step.at, step)
    for (const at of this.byTime.keys()) if (at < pulse.at - keptMs - 60_000) this.byTime.delete(at)
    const newest = this.refusals[0]?.number ?? 0
    const fresh = pulse.refusals.filter(({ number }) => number > newest)
    if (fresh.length > 0) this.refusals = [...fresh, ...this.refusals].slice(0, maxRefusals)
  }

  /** @returns {readonly Step[]} oldest first */
  get steps() {
    return [...this.byTime.values()].sort((a, b) => a.at - b.at)
  }

  /** @param {number} spanMs @returns {readonly Step[]} the whole steps of the last while */
  lately(spanMs) {
    const { stepMs } = this.state
    const end = Math.floor(this.now.at / stepMs) * stepMs
    return this.steps.filter(({ at }) => at >= end - spanMs && at < end)
  }
}

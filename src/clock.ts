/** The two clocks of the gateway, passed in so that tests own time. */
export interface Clock {
  /** Wall clock, milliseconds since the epoch: for expiry that was agreed with others. */
  readonly now: () => number
  /** Monotonic, milliseconds: for the age of cache entries, which a clock step must not change. */
  readonly monotonic: () => number
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
}

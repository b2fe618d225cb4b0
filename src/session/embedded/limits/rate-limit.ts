import { LocalWindows, type Counter } from '../../../limits/counter.ts'

/** What Better Auth asks of a rate-limit store. Windows are in seconds. */
export interface RateLimitStore {
  consume(
    key: string,
    rule: { window: number; max: number },
  ): Promise<{ allowed: boolean; retryAfter: number | null }>
}

export interface Attempts {
  readonly counter: Counter
  /** Several gateways count together. Whoever could guess at each of them in turn is refused while they cannot. */
  readonly mustBeShared: boolean
}

/** Counts in this process alone. @param monotonic milliseconds */
export function localAttempts(monotonic: () => number): Attempts {
  return { counter: new LocalWindows(monotonic), mustBeShared: false }
}

/**
 * The endpoints, below `auth.path`, at which a password or a code can be guessed, or a mail be sent to somebody else to make them reset
 * theirs.
 */
const guarded =
  /^\/(?:sign-in|request-password-reset|reset-password|forget-password|change-password|verify-password|two-factor|email-otp|phone-number)(?:\/|$)/

/**
 * The store of Better Auth's rate limit, whose own belongs to the process and not to its gateway. Fixed windows.
 *
 * Where gateways count together and cannot, the guarded endpoints reject with an error that is answered 503
 * `session_store_unavailable`: what cannot be known is how often somebody has tried, which is no overload and nobody's mistake, and
 * nobody is signed out by it. Every other endpoint is counted by this process meanwhile.
 */
export function createRateLimitStore({ counter, mustBeShared }: Attempts): RateLimitStore {
  return {
    consume: (key, { window, max }) =>
      new Promise((resolve, reject) => {
        counter.add(key, window * 1000, ({ count, endsInMs, isShared }) => {
          if (mustBeShared && !isShared && guarded.test(pathOf(key))) {
            reject(uncounted())
            return
          }
          const allowed = count <= max
          const retryAfter = allowed ? null : Math.max(1, Math.ceil(endsInMs / 1000))
          resolve({ allowed, retryAfter })
        })
      }),
  }
}

/** Better Auth's keys are an address, "|" and a path; a rule of the user's own may have made another. */
function pathOf(key: string): string {
  return key.slice(key.indexOf('|') + 1)
}

function uncounted(): Error {
  const code = 'SALLYPORT_SESSION_STORE'
  return Object.assign(new Error('attempts cannot be counted while Redis is away'), { code })
}

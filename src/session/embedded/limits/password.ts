import { availableParallelism } from 'node:os'
import { APIError } from 'better-auth/api'
import { hashPassword, verifyPassword } from 'better-auth/crypto'

/** What Better Auth calls to hash and verify. */
export interface PasswordHasher {
  readonly hash: (password: string) => Promise<string>
  readonly verify: (input: { hash: string; password: string }) => Promise<boolean>
}

export interface HashingLimits {
  /** Hashes under way at once. At most half of the processors by default, so that the event loop always finds one. */
  readonly concurrency?: number
  /** Hashes that may wait for their turn. */
  readonly maxWaiting?: number
}

/** Better Auth's own: scrypt with N=16384, r=16, p=1 and 64 bytes, on the thread pool. */
export const scryptHasher: PasswordHasher = { hash: hashPassword, verify: verifyPassword }

/**
 * Bounds how much hashing happens at once, first come, first served. One hash keeps a processor busy for some 85 ms and
 * holds 32 MB; as many at once as there are threads would leave nothing for the requests of people who are signed in
 * already. Beyond 64 waiting, sign-ins are answered 503 `PASSWORD_HASHING_BUSY` in Better Auth's shape.
 */
export function limitHasher(hasher: PasswordHasher, limits: HashingLimits = {}): PasswordHasher {
  const { concurrency = Math.max(1, Math.floor(availableParallelism() / 2)), maxWaiting = 64 } =
    limits
  const limit = createLimit(concurrency, maxWaiting)
  return {
    hash: (password) => limit(() => hasher.hash(password)),
    verify: (input) => limit(() => hasher.verify(input)),
  }
}

function createLimit(
  concurrency: number,
  maxWaiting: number,
): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running < concurrency) running += 1
    else {
      if (waiting.length >= maxWaiting) throw tooBusy()
      // Whoever finishes hands its place on, so that nobody is overtaken.
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}

function tooBusy(): APIError {
  const message = 'Too many sign-ins at the moment'
  const body = { code: 'PASSWORD_HASHING_BUSY', message }
  return new APIError('SERVICE_UNAVAILABLE', body, { 'retry-after': '5' })
}

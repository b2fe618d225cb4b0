import { availableParallelism } from 'node:os'
import { APIError } from 'better-auth/api'
import { hashPassword, verifyPassword } from 'better-auth/crypto'

/** What Better Auth calls to hash and verify. */
export interface PasswordHasher {
  readonly hash: (password: string) => Promise<string>
  readonly verify: (input: { readonly hash: string; readonly password: string }) => Promise<boolean>
}

const maxWaiting = 64

/**
 * Better Auth's own scrypt, a few at a time. One hash keeps a processor busy for some 85 ms and holds 32 MB; as many at once
 * as there are threads would leave nothing for the requests of people who are signed in already. Beyond 64 waiting, sign-ins
 * are answered 503.
 * @param concurrency at most half of the processors by default, so that the event loop always finds one
 */
export function createPasswordHasher(
  concurrency = Math.max(1, Math.floor(availableParallelism() / 2)),
): PasswordHasher {
  const limit = createLimit(concurrency)
  return {
    hash: (password) => limit(() => hashPassword(password)),
    verify: (input) => limit(() => verifyPassword(input)),
  }
}

function createLimit(concurrency: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= concurrency) {
      if (waiting.length >= maxWaiting) {
        throw new APIError('SERVICE_UNAVAILABLE', { message: 'Too many sign-ins at the moment' })
      }
      // Whoever finishes hands its place on, so that nobody is overtaken.
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}

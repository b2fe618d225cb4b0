import { availableParallelism } from 'node:os'
import { APIError } from 'better-auth/api'
import { hashPassword, verifyPassword } from 'better-auth/crypto'

export interface PasswordHashing {
  readonly hash: (password: string) => Promise<string>
  readonly verify: (data: { hash: string; password: string }) => Promise<boolean>
}

export interface HashingLimits {
  /** Hashes computed at once. */
  readonly concurrency: number
  /** Hashes that may wait for their turn. */
  readonly waiting: number
}

/** One hash is 85 ms and 32 MB of a thread from the pool that also serves files and DNS: some of it stays free. */
export function defaultHashingLimits(): HashingLimits {
  return { concurrency: Math.min(2, Math.max(1, availableParallelism() - 1)), waiting: 64 }
}

/** Better Auth's own: scrypt, N=16384, r=16, p=1, 64 bytes, on the thread pool. */
export const builtInHashing: PasswordHashing = { hash: hashPassword, verify: verifyPassword }

/**
 * Bounds how much password hashing happens at once, first come, first served. When the queue is full, hashing and
 * verifying reject with Better Auth's `APIError` 503, code `PASSWORD_HASHING_BUSY`: a flood of sign-ins is told to come
 * back instead of taking the memory and the threads of everybody else.
 */
export function limitHashing(
  hashing: PasswordHashing,
  limits: HashingLimits = defaultHashingLimits(),
): PasswordHashing {
  const run = createGate(limits)
  return {
    hash: (password) => run(() => hashing.hash(password)),
    verify: (data) => run(() => hashing.verify(data)),
  }
}

function createGate({ concurrency, waiting }: HashingLimits) {
  const queue: (() => void)[] = []
  let running = 0

  return async function run<T>(work: () => Promise<T>): Promise<T> {
    if (running < concurrency) running += 1
    else await turn()
    try {
      return await work()
    } finally {
      // The place is handed over without being given back in between, so that nobody overtakes the queue.
      const next = queue.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }

  function turn(): Promise<void> {
    if (queue.length >= waiting) {
      const message = 'Too many people are signing in at this moment. Try again in a few seconds.'
      throw new APIError('SERVICE_UNAVAILABLE', { code: 'PASSWORD_HASHING_BUSY', message })
    }
    return new Promise((resolve) => queue.push(resolve))
  }
}

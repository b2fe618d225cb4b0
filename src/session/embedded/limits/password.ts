import { availableParallelism } from 'node:os'
import { APIError } from 'better-auth/api'
import { readImported, verifyImported } from '../hashes/imported.ts'
import type { Derive } from '../hashes/recipe.ts'
import { createScryptHasher } from './scrypt.ts'
import { HashingThreads } from './threads.ts'

/** What Better Auth calls to hash and verify. */
export interface PasswordHasher {
  readonly hash: (password: string) => Promise<string>
  readonly verify: (input: { hash: string; password: string }) => Promise<boolean>
}

/** A hasher that ends with its gateway: whoever waits then is sent away, and so is everybody after. */
export interface ClosableHasher extends PasswordHasher {
  /** How many hashes are under way, and how many wait for it. */
  readonly pressure: () => { readonly running: number; readonly waiting: number }
  readonly close: () => void
}

export interface HashingLimits {
  /** Hashes under way at once. At most half of the processors by default, so that the event loop always finds one. */
  readonly concurrency?: number
  /** Hashes that may wait for their turn. */
  readonly maxWaiting?: number
}

/**
 * How the embedded Better Auth hashes: with its own scrypt, on threads of ours, so many at once and no more. They are
 * started by the first password.
 * @param own what the user hashes with instead; what is missing of it is ours
 */
export function createPasswordHashing(own: Partial<PasswordHasher> = {}): ClosableHasher {
  const threads = new HashingThreads()
  const ours = withImported(createScryptHasher(threads.derive), threads.derive)
  const limited = limitHasher({ ...ours, ...own })
  return {
    ...limited,
    close: () => {
      limited.close()
      threads.close()
    },
  }
}

/** Whether passwords are hashed as Better Auth does, and imported ones are verified and hashed anew: the user has said nothing else. */
export function isOurs(own: Partial<PasswordHasher> | undefined): boolean {
  return own?.hash === undefined && own?.verify === undefined
}

/** Verifies what was imported besides what the hasher itself has made. */
function withImported(hasher: PasswordHasher, derive: Derive): PasswordHasher {
  return {
    hash: hasher.hash,
    verify: (input) => {
      const imported = readImported(input.hash)
      if (imported === null || imported === 'costly') return hasher.verify(input)
      return verifyImported(imported, input.password, derive)
    },
  }
}

/**
 * Bounds how much hashing happens at once, first come, first served. One hash keeps a processor busy for some 85 ms and
 * holds 32 MB, whatever its priority, and a hasher of the user's own may know none. Beyond 64 waiting, sign-ins are answered
 * 503 `PASSWORD_HASHING_BUSY` in Better Auth's shape.
 */
export function limitHasher(hasher: PasswordHasher, limits: HashingLimits = {}): ClosableHasher {
  const { concurrency = Math.max(1, Math.floor(availableParallelism() / 2)), maxWaiting = 64 } =
    limits
  const limit = createLimit(concurrency, maxWaiting)
  return {
    hash: (password) => limit.run(() => hasher.hash(password)),
    verify: (input) => limit.run(() => hasher.verify(input)),
    pressure: limit.pressure,
    close: limit.close,
  }
}

interface Limit {
  readonly pressure: ClosableHasher['pressure']
  readonly run: <T>(work: () => Promise<T>) => Promise<T>
  readonly close: () => void
}

function createLimit(concurrency: number, maxWaiting: number): Limit {
  const waiting: PromiseWithResolvers<undefined>[] = []
  let running = 0
  let isClosed = false
  return {
    async run(work) {
      if (isClosed) throw tooBusy()
      if (running < concurrency) running += 1
      else {
        if (waiting.length >= maxWaiting) throw tooBusy()
        const turn = Promise.withResolvers<undefined>()
        waiting.push(turn)
        await turn.promise
      }
      try {
        return await work()
      } finally {
        // Whoever finishes hands its place on, so that nobody is overtaken.
        const next = waiting.shift()
        if (next === undefined) running -= 1
        else next.resolve(undefined)
      }
    },
    pressure: () => ({ running, waiting: waiting.length }),
    close: () => {
      isClosed = true
      for (const turn of waiting.splice(0)) turn.reject(tooBusy())
    },
  }
}

function tooBusy(): APIError {
  const message = 'Too many sign-ins at the moment'
  const body = { code: 'PASSWORD_HASHING_BUSY', message }
  return new APIError('SERVICE_UNAVAILABLE', body, { 'retry-after': '5' })
}

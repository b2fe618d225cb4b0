import { extname } from 'node:path'
import { Worker, type WorkerOptions } from 'node:worker_threads'
import type { Derive } from '../hashes/recipe.ts'

export interface ThreadOptions {
  /** What runs on each thread. */
  readonly entry?: URL
  /** How long a thread is kept that has nothing to do. */
  readonly idleMs?: number
}

interface Thread {
  readonly derive: Derive
  readonly end: () => void
}

// Beside this file, and of its kind: a source whose types Node strips, or what was compiled from it.
const ownEntry = new URL(`./worker${extname(import.meta.filename)}`, import.meta.url)

const workerOptions: WorkerOptions = {
  name: 'sallyport-hash',
  // Secrets in the environment, and what the process was told to load first, are none of its business.
  env: {},
  execArgv: [],
  // No `resourceLimits`: keys are not derived on the heap, and a heap that reaches a limit may abort the whole process.
}

/**
 * Derives keys on threads of its own, at a priority below the event loop's: on the thread pool they would compete with it as
 * equals, and files, DNS and WebCrypto would queue behind them. A thread is started when a key finds none idle, so that
 * whoever calls decides how many there are. Each holds some 10 MB and ends after an idle minute; starting one takes 30 ms.
 */
export class HashingThreads {
  readonly #entry: URL
  readonly #idleMs: number
  readonly #alive = new Set<Thread>()
  /** With the timer that ends it; the last to finish comes last. */
  readonly #idle = new Map<Thread, NodeJS.Timeout>()
  #isClosed = false

  constructor({ entry = ownEntry, idleMs = 60_000 }: ThreadOptions = {}) {
    this.#entry = entry
    this.#idleMs = idleMs
  }

  /** Rejects when its thread dies, which concerns no other key, and once these threads are closed. */
  readonly derive: Derive = async (input) => {
    if (this.#isClosed) throw new Error('a password could not be hashed: the gateway has closed')
    const thread = this.#take()
    try {
      return await thread.derive(input)
    } finally {
      this.#giveBack(thread)
    }
  }

  /** Ends every thread. A key that is being derived is given up as soon as its thread notices. */
  close(): void {
    this.#isClosed = true
    for (const thread of this.#alive) this.#retire(thread)
  }

  /** The one that was busy last, so that those which are not needed get to end. */
  #take(): Thread {
    const [thread, timer] = [...this.#idle].at(-1) ?? []
    if (thread === undefined) return this.#start()
    clearTimeout(timer)
    this.#idle.delete(thread)
    return thread
  }

  #start(): Thread {
    const thread = startThread(this.#entry, () => {
      this.#forget(thread)
    })
    this.#alive.add(thread)
    return thread
  }

  #giveBack(thread: Thread): void {
    if (!this.#alive.has(thread)) return
    const retire = (): void => {
      this.#retire(thread)
    }
    this.#idle.set(thread, setTimeout(retire, this.#idleMs).unref())
  }

  #retire(thread: Thread): void {
    this.#forget(thread)
    thread.end()
  }

  #forget(thread: Thread): void {
    clearTimeout(this.#idle.get(thread))
    this.#idle.delete(thread)
    this.#alive.delete(thread)
  }
}

/** @param ended called before the key that the thread was deriving is given up */
function startThread(entry: URL, ended: () => void): Thread {
  const worker = new Worker(entry, workerOptions)
  worker.unref()
  let job: PromiseWithResolvers<Uint8Array> | null = null
  let reason = 'it was ended'
  const finish = (): typeof job => {
    const finished = job
    job = null
    worker.unref()
    return finished
  }
  worker.on('message', (key: Uint8Array) => finish()?.resolve(key))
  worker.on('error', (error: unknown) => {
    reason = codeOf(error)
  })
  worker.on('exit', () => {
    ended()
    finish()?.reject(new Error(`a password could not be hashed: its thread died, ${reason}`))
  })
  return {
    derive: (input) => {
      job = Promise.withResolvers<Uint8Array>()
      // Somebody waits for it: until then the process stays.
      worker.ref()
      // Handed over and not copied: the thread wipes the only one there is.
      worker.postMessage(input, [input.password.buffer])
      return job.promise
    },
    end: () => {
      worker.unref()
      void worker.terminate()
    },
  }
}

/** Not its message, which could repeat what was being hashed. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && (error as NodeJS.ErrnoException).code
  return typeof code === 'string' ? code : 'something was thrown'
}

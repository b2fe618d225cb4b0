import { setTimeout as pause } from 'node:timers/promises'
import type { Pool } from 'undici'
import type { Installation } from './installation.ts'
import { isAccepted, signInOften, signOut, type Held } from './sessions.ts'

export interface RoundOptions {
  readonly revocations: number
  readonly requestsPerSecond: number
  /** After this time nothing that was revoked may be accepted, milliseconds. */
  readonly promisedMs: number
  /** Is called when that share of the revocations has been made. */
  readonly at?: Readonly<Record<number, () => Promise<unknown>>>
}

export interface Round {
  /** From the answer to a sign-out on one gateway until the other one refuses, milliseconds, ascending. */
  readonly lags: readonly number[]
  /** Requests that were begun after the promised time and were accepted all the same. */
  readonly accepted: number
  readonly requests: number
  /** What was answered neither 200 nor 401. */
  readonly failed: number
}

const sessionsPerUser = 50
const perSecond = 40

/** Signs sessions out, alternately on either gateway, while others are used on both. */
export async function measure({ nodes }: Installation, options: RoundOptions): Promise<Round> {
  const held: Held[] = []
  while (held.length < options.revocations) {
    held.push(...(await signInOften(nodes[0], sessionsPerUser)))
  }
  for (const each of held) await Promise.all(nodes.map((node) => isAccepted(node, each)))
  const traffic = new Traffic(nodes, held, options)
  const running = traffic.run()
  const probes: Promise<number>[] = []
  for (const [index, each] of held.slice(0, options.revocations).entries()) {
    await options.at?.[index]?.()
    const [here, there] = index % 2 === 0 ? nodes : [nodes[1], nodes[0]]
    const due = pause(1000 / perSecond)
    await signOut(here, each)
    probes.push(lagOf(there, each, options.promisedMs))
    await due
  }
  const lags = await Promise.all(probes)
  traffic.stop()
  await running
  return { lags: lags.sort((a, b) => a - b), ...traffic.counts }
}

/** Asks until it is refused; gives up at twice what is promised. */
async function lagOf(node: Pool, held: Held, promisedMs: number): Promise<number> {
  const from = held.revokedAtMs ?? 0
  for (;;) {
    const askedAtMs = performance.now()
    const isOver = askedAtMs - from > 2 * promisedMs
    if (isOver || !(await isAccepted(node, held).catch(() => true))) return askedAtMs - from
    await pause(2)
  }
}

class Traffic {
  readonly counts = { accepted: 0, requests: 0, failed: 0 }
  readonly #nodes: Installation['nodes']
  readonly #held: readonly Held[]
  readonly #options: RoundOptions
  #isRunning = true

  constructor(nodes: Installation['nodes'], held: readonly Held[], options: RoundOptions) {
    this.#nodes = nodes
    this.#held = held
    this.#options = options
  }

  stop(): void {
    this.#isRunning = false
  }

  async run(): Promise<void> {
    const started = performance.now()
    const under: Promise<void>[] = []
    for (let sent = 0; this.#isRunning; sent += 1) {
      under.push(this.#request())
      const dueMs = started + ((sent + 1) * 1000) / this.#options.requestsPerSecond
      await pause(Math.max(0, dueMs - performance.now()))
    }
    await Promise.all(under)
  }

  async #request(): Promise<void> {
    const held = this.#held[Math.floor(Math.random() * this.#held.length)]
    const node = this.#nodes[Math.random() < 0.5 ? 0 : 1]
    if (held === undefined) return
    const lateFromMs = (held.revokedAtMs ?? Infinity) + this.#options.promisedMs
    const isLate = performance.now() > lateFromMs
    this.counts.requests += 1
    try {
      if ((await isAccepted(node, held)) && isLate) this.counts.accepted += 1
    } catch {
      this.counts.failed += 1
    }
  }
}

import type { FastifyBaseLogger } from 'fastify'
import type { IssuerKeys } from '../authn/bearer/issuers.ts'
import type { Clock } from '../clock.ts'
import type { IssuerConfig } from '../config/types.ts'
import { createKeySetFetcher, type KeySetFetcher } from './fetch.ts'
import { KeySet } from './key-set.ts'

/**
 * The key sets of all issuers, which outlive every configuration: an issuer that is configured as before keeps the keys that were
 * fetched.
 */
export class KeySets {
  readonly #clock: Clock
  readonly #logger: FastifyBaseLogger
  #fetcher: KeySetFetcher | null = null
  #sets: ReadonlyMap<string, KeySet> = new Map()

  constructor(clock: Clock, logger: FastifyBaseLogger) {
    this.#clock = clock
    this.#logger = logger
  }

  /** The key sets of these issuers, in their order; others are forgotten. Those that are new are fetched ahead of the first token. */
  of(issuers: readonly IssuerConfig[]): readonly IssuerKeys[] {
    const sets = issuers.map((issuer) => {
      const name = JSON.stringify([issuer.url, issuer.issuer, issuer.algorithms])
      return [name, this.#sets.get(name) ?? this.#open(issuer)] as const
    })
    this.#sets = new Map(sets)
    return sets.map(([, set]) => set)
  }

  async close(): Promise<void> {
    await this.#fetcher?.close()
  }

  #open(issuer: IssuerConfig): KeySet {
    const { fetch } = (this.#fetcher ??= createKeySetFetcher())
    const set = new KeySet({ issuer, fetch, clock: this.#clock, logger: this.#logger })
    set.prepare()
    return set
  }
}

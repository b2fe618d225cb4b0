import type { FastifyBaseLogger } from 'fastify'
import type { IssuerKey, IssuerKeys } from '../authn/bearer/issuers.ts'
import type { Clock } from '../clock.ts'
import type { IssuerConfig } from '../config/types.ts'
import { keyName, readKeys, type KeySetContent } from './keys.ts'

export interface KeySetOptions {
  readonly issuer: Pick<IssuerConfig, 'url' | 'algorithms'>
  /** Fetches a document; rejects where there is none to be had. */
  readonly fetch: (url: string) => Promise<unknown>
  readonly clock: Pick<Clock, 'monotonic'>
  readonly logger: FastifyBaseLogger
}

/** Milliseconds. */
const times = {
  /** After this a set is fetched anew when it is used. */
  fresh: 300_000,
  /** After this it counts no longer, if it could not be fetched anew. */
  usable: 86_400_000,
  /** An id that is not in the set makes it be fetched, so often at most. */
  unknownKeyId: 30_000,
  /** Between attempts while the issuer cannot be reached, and nothing is known without it. */
  retry: 1000,
  /** The same where there are keys. */
  retryInBackground: 15_000,
  /** Between lines of the log that say so. */
  complaint: 60_000,
}

/**
 * The keys that an issuer publishes, fetched when they are needed and remembered: one fetch is under way at a time, in the background
 * where there are keys. While the issuer is away the last ones are kept for a day, because an outage logs nobody out; where there
 * never were any, nothing can be known.
 *
 * An id that is not known may be that of a new key, so that the set is fetched anew, but not more often than every 30 s: ids are
 * for anybody to make up.
 */
export class KeySet implements IssuerKeys {
  readonly #options: KeySetOptions
  #content: KeySetContent | null = null
  #fetchedAtMs = -Infinity
  #failedAtMs = -Infinity
  #askedForUnknownAtMs = -Infinity
  #complainedAtMs = -Infinity
  #underWay: Promise<void> | null = null

  constructor(options: KeySetOptions) {
    this.#options = options
  }

  peek(keyId: string, algorithm: string): IssuerKey | undefined {
    const content = this.#usable()
    if (content === null) return undefined
    this.#refreshIfDue()
    return content.keys.get(keyName(keyId, algorithm))
  }

  async find(keyId: string, algorithm: string): Promise<IssuerKey | null> {
    const name = keyName(keyId, algorithm)
    if (this.#usable() !== null) {
      const known = this.peek(keyId, algorithm)
      if (known !== undefined) return known
      if (!this.#mayAskForUnknown()) return null
    }
    await this.#fetchNow()
    return this.#content?.keys.get(name) ?? null
  }

  /** Fetches ahead of the first token. What goes wrong is logged, and found out again by whoever needs a key. */
  prepare(): void {
    this.#fetch().catch(() => undefined)
  }

  #usable(): KeySetContent | null {
    return this.#now() - this.#fetchedAtMs < times.usable ? this.#content : null
  }

  #refreshIfDue(): void {
    const now = this.#now()
    if (now - this.#fetchedAtMs < times.fresh) return
    if (now - this.#failedAtMs >= times.retryInBackground) this.prepare()
  }

  /**
   * Whether an id that is not in the set is worth a fetch, or the wait for one. While the issuer is away nobody can tell an id that was
   * made up from that of a new key, and it is asked again and again.
   */
  #mayAskForUnknown(): boolean {
    if (this.#underWay !== null || this.#failedAtMs > this.#fetchedAtMs) return true
    const now = this.#now()
    if (now - this.#askedForUnknownAtMs < times.unknownKeyId) return false
    this.#askedForUnknownAtMs = now
    return true
  }

  /** Rejects at once where the last attempt has only just failed. */
  async #fetchNow(): Promise<void> {
    if (this.#underWay === null && this.#now() - this.#failedAtMs < times.retry) {
      throw new Error('the keys of the issuer could not be fetched a moment ago')
    }
    await this.#fetch()
  }

  #fetch(): Promise<void> {
    this.#underWay ??= this.#load().finally(() => {
      this.#underWay = null
    })
    return this.#underWay
  }

  async #load(): Promise<void> {
    const { issuer, fetch, logger } = this.#options
    try {
      const set = await fetch(issuer.url)
      this.#content = readKeys(set, issuer.algorithms, this.#content)
      this.#fetchedAtMs = this.#now()
    } catch (error) {
      const now = this.#now()
      this.#failedAtMs = now
      if (now - this.#complainedAtMs >= times.complaint) {
        this.#complainedAtMs = now
        logger.warn({ err: error, url: issuer.url }, 'the keys of an issuer could not be fetched')
      }
      throw error
    }
  }

  #now(): number {
    return this.#options.clock.monotonic()
  }
}

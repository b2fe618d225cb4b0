import type { AccessRecord } from '../../access/record.ts'

/** One request that was refused, as it is remembered: no query, no header, no credential. */
export interface RefusalEntry {
  /** Counts up from 1, by which gaps are seen. */
  readonly number: number
  readonly record: AccessRecord
  /** `hash` of the configuration that refused it. */
  readonly configuration: string
}

/** The longest that is remembered of what a client chose, characters. */
const limits = {
  requestId: 128,
  method: 16,
  path: 1024,
  address: 64,
  host: 255,
  userId: 128,
} as const

/** The last requests that were refused; the oldest go first. */
export class RefusalRing {
  readonly #max: number
  readonly #entries: RefusalEntry[] = []
  #count = 0

  constructor(max = 500) {
    this.#max = max
  }

  /** How many there have been since the start. */
  get count(): number {
    return this.#count
  }

  add(record: AccessRecord, configuration: string): void {
    this.#count += 1
    this.#entries[(this.#count - 1) % this.#max] = {
      number: this.#count,
      record: bounded(record),
      configuration,
    }
  }

  /** The newest first. @param after only those with a higher number */
  list({ max = this.#max, after = 0 } = {}): readonly RefusalEntry[] {
    const listed: RefusalEntry[] = []
    for (let number = this.#count; number > after && listed.length < max; number -= 1) {
      const entry = this.#entries[(number - 1) % this.#max]
      if (entry?.number !== number) break
      listed.push(entry)
    }
    return listed
  }

  /** The last one of a request id, which a client may have chosen and repeated. */
  find(requestId: string): RefusalEntry | null {
    return this.list().find(({ record }) => record.requestId === requestId) ?? null
  }
}

function bounded(record: AccessRecord): AccessRecord {
  const { requestId, method, path, address, host, userId } = record
  return {
    ...record,
    requestId: requestId.slice(0, limits.requestId),
    method: method.slice(0, limits.method),
    path: (path.split('?', 1)[0] ?? '').slice(0, limits.path),
    address: address.slice(0, limits.address),
    host: host?.slice(0, limits.host) ?? null,
    userId: userId?.slice(0, limits.userId) ?? null,
  }
}

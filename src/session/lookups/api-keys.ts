import type { ApiKeyAnswer, ApiKeys } from '../../authn/api-key.ts'
import type { Clock } from '../../clock.ts'
import type { ApiKeySource, FoundApiKey } from '../port.ts'
import type { RevocationEvent, RevocationHearer } from '../revocation/event.ts'
import { Answers, type Keeping } from './answers.ts'

export interface ApiKeyCacheOptions {
  readonly source: ApiKeySource
  readonly clock: Clock
  /** How long an answer may be reused from now on, milliseconds. */
  readonly ttlMs: () => number
  readonly max?: number
}

const refusedTtlMs = 2000

/**
 * Remembers API keys, by digest, as long as sessions are remembered, and forgets them with every change of a key or its owner. A key whose
 * uses are counted is verified on every request, because a limit that is not asked does not hold; that it has been reached is
 * remembered until it may be used again.
 */
export class ApiKeyCache implements ApiKeys, RevocationHearer {
  readonly #source: ApiKeySource
  readonly #answers: Answers<FoundApiKey>

  constructor({ source, clock, ttlMs, max }: ApiKeyCacheOptions) {
    this.#source = source
    this.#answers = new Answers({
      clock,
      keep: (found) => keeping(found, ttlMs()),
      ...(max === undefined ? {} : { max }),
    })
  }

  peek(key: string): ApiKeyAnswer | undefined {
    return this.#answers.peek(key)?.answer
  }

  async find(key: string, apiKey: string): Promise<ApiKeyAnswer> {
    const use = { isOurs: false }
    const found = await this.#answers.find(key, () => {
      use.isOurs = true
      return this.#source.verify(apiKey)
    })
    // Whoever waited for somebody else's use of the key has not used it yet.
    const isCounted = use.isOurs || !found.isMetered
    return isCounted ? found.answer : (await this.#source.verify(apiKey)).answer
  }

  heard(event: RevocationEvent): void {
    this.#answers.heard(event)
  }

  doubt(): void {
    this.#answers.doubt()
  }
}

function keeping({ answer, ownerId, expiresAtMs, isMetered }: FoundApiKey, ttlMs: number): Keeping {
  switch (answer.kind) {
    case 'invalid':
      return { userId: null, ms: Math.min(refusedTtlMs, ttlMs), untilMs: Infinity }
    case 'limited': {
      const ms = answer.untilMs === null ? Math.min(refusedTtlMs, ttlMs) : ttlMs
      const untilMs = Math.min(answer.untilMs ?? Infinity, expiresAtMs)
      return { userId: ownerId, ms, untilMs }
    }
    case 'valid':
      return { userId: ownerId, ms: isMetered ? 0 : ttlMs, untilMs: expiresAtMs }
  }
}

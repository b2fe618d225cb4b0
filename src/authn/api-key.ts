import { refuse } from '../errors/refusal.ts'
import { rememberLast } from '../memo.ts'
import { authenticated, rejected, type Outcome } from './outcome.ts'
import type { ApiKeyPrincipal } from './principal.ts'

/** What is known of an API key. */
export type ApiKeyAnswer =
  /** It counts, and its owner exists. The owner may be banned. */
  | { readonly kind: 'valid'; readonly principal: ApiKeyPrincipal }
  /** Unknown, disabled, expired, or of an owner who is gone or who is no user. */
  | { readonly kind: 'invalid' }
  /** It has been used as often as it may be. `untilMs` is the wall clock in milliseconds, null where nobody knows. */
  | { readonly kind: 'limited'; readonly untilMs: number | null }

/**
 * What the reader may ask about API keys. `undefined` from `peek` means "not remembered, ask `find`". `find` rejects when the answer
 * cannot be known.
 */
export interface ApiKeys {
  /** @param key the digest of the API key */
  peek(key: string): ApiKeyAnswer | undefined
  find(key: string, apiKey: string): Promise<ApiKeyAnswer>
}

export interface ApiKeyDeps {
  readonly apiKeys: ApiKeys
  readonly digest: (text: string) => string
}

/** Reads `x-api-key`; `connection` is where the header came from, `now` is in milliseconds. */
export type ApiKeyReader = (
  apiKey: string,
  connection: object,
  now: number,
) => Outcome | Promise<Outcome>

const apiKeyGrammar = /^[\x21-\x7e]{1,512}$/

/**
 * Makes the reader of API keys. What is no key by its form costs no look-up.
 *
 * Refusals: `api_key_invalid`, `rate_limited` for a limit of the key's own (with `Retry-After` where it is known),
 * `session_store_unavailable`. Not checked here: whether the owner is banned, which is for every principal to be asked.
 */
export function createApiKeyReader(deps: ApiKeyDeps): ApiKeyReader {
  const digestOf = rememberLast(deps.digest)
  return (apiKey, connection, now) => {
    if (!apiKeyGrammar.test(apiKey)) return rejected(refuse('api_key_invalid'))
    const key = digestOf(connection, apiKey)
    const known = deps.apiKeys.peek(key)
    return known === undefined ? find(key, apiKey, deps, now) : decide(known, now)
  }
}

async function find(key: string, apiKey: string, deps: ApiKeyDeps, now: number): Promise<Outcome> {
  try {
    return decide(await deps.apiKeys.find(key, apiKey), now)
  } catch {
    return rejected(refuse('session_store_unavailable'))
  }
}

function decide(answer: ApiKeyAnswer, now: number): Outcome {
  switch (answer.kind) {
    case 'valid':
      return authenticated(answer.principal)
    case 'invalid':
      return rejected(refuse('api_key_invalid'))
    case 'limited':
      return rejected(limited(answer.untilMs, now))
  }
}

function limited(untilMs: number | null, now: number): ReturnType<typeof refuse> {
  const detail = 'This API key has been used as often as it may be for now.'
  if (untilMs === null) return refuse('rate_limited', { detail })
  const seconds = Math.max(1, Math.ceil((untilMs - now) / 1000))
  return refuse('rate_limited', { detail, headers: { 'retry-after': String(seconds) } })
}

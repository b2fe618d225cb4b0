import type { Clock } from '../../clock.ts'
import type { ApiKeySource, UserSource } from '../port.ts'
import type { RevocationEvent, RevocationHearer } from '../revocation/event.ts'
import { ApiKeyCache } from './api-keys.ts'
import { UserCache } from './users.ts'

export interface LookupParts {
  readonly clock: Clock
  /** How long an answer may be reused from now on, milliseconds. */
  readonly ttlMs: () => number
}

/** What is remembered of users and of API keys; null where nobody can be asked for them. */
export interface Lookups extends RevocationHearer {
  readonly users: UserCache | null
  readonly apiKeys: ApiKeyCache | null
  /** Something may have been missed: what is remembered soon counts no longer. */
  readonly doubt: () => void
}

/** Who is asked; null: nobody can be. */
export interface LookupSources {
  readonly users: UserSource | null
  readonly apiKeys: ApiKeySource | null
}

export function createLookups(sources: LookupSources, parts: LookupParts): Lookups {
  const users = sources.users && new UserCache({ source: sources.users, ...parts })
  const apiKeys = sources.apiKeys && new ApiKeyCache({ source: sources.apiKeys, ...parts })
  return {
    users,
    apiKeys,
    heard: (event: RevocationEvent) => {
      users?.heard(event)
      apiKeys?.heard(event)
    },
    doubt: () => {
      users?.doubt()
      apiKeys?.doubt()
    },
  }
}

import { unlimited } from './plugin.ts'

/** The row of an API key, or what Better Auth says of one, as far as we read it. */
export interface ApiKeyRow {
  readonly id: string
  readonly configId?: string | null
  /** Whose it is: of a user, or of an organisation. */
  readonly referenceId: string
  readonly enabled?: boolean | null
  readonly expiresAt?: Date | string | null
  readonly permissions?: unknown
  readonly remaining?: number | null
  readonly refillInterval?: number | null
  readonly refillAmount?: number | null
  readonly lastRefillAt?: Date | string | null
  readonly createdAt: Date | string
  readonly rateLimitEnabled?: boolean | null
  readonly rateLimitMax?: number | null
  readonly rateLimitTimeWindow?: number | null
}

/** Milliseconds since the epoch; Infinity for a key that does not expire. */
export function expiryOf({ expiresAt }: ApiKeyRow): number {
  return expiresAt === null || expiresAt === undefined ? Infinity : new Date(expiresAt).getTime()
}

/** Whether it counts by itself. Not checked: its owner, and how often it was used. */
export function isUsable(row: ApiKeyRow, now: number): boolean {
  return row.enabled !== false && expiryOf(row) > now
}

/** Whether its uses are counted: each of them has to be told to Better Auth. */
export function isMetered(row: ApiKeyRow): boolean {
  if (typeof row.remaining === 'number') return true
  const { rateLimitEnabled, rateLimitMax: max, rateLimitTimeWindow: window } = row
  if (rateLimitEnabled === false || typeof max !== 'number' || typeof window !== 'number') {
    return false
  }
  return max < unlimited
}

/** When a key that is used up is filled again, milliseconds since the epoch; null where that never happens. */
export function refillOf(row: ApiKeyRow): number | null {
  if (!row.refillAmount || !row.refillInterval) return null
  return new Date(row.lastRefillAt ?? row.createdAt).getTime() + row.refillInterval
}

/** Permissions as `resource:action`: a mapping of resources to lists of actions, or its JSON. What is anything else grants nothing. */
export function scopesOf({ permissions }: Pick<ApiKeyRow, 'permissions'>): readonly string[] {
  const granted = typeof permissions === 'string' ? parse(permissions) : permissions
  if (typeof granted !== 'object' || granted === null) return []
  return Object.entries(granted).flatMap(([resource, actions]: [string, unknown]) =>
    Array.isArray(actions)
      ? actions
          .filter((action) => typeof action === 'string')
          .map((action) => `${resource}:${action}`)
      : [],
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

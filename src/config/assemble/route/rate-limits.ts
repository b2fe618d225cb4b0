import type { z } from 'zod'
import type { defaultsSchema, routeSchema } from '../../schema/routes.ts'
import type { RateLimitConfig, RouteConfig } from '../../types.ts'
import type { DocumentReader } from '../reader.ts'

type Written = z.output<typeof routeSchema>
type Defaults = z.output<typeof defaultsSchema>

/** The bucket of the routes that inherit their limit. */
const defaultBucket = 'default'

/** The limit of a route: its own, else what routes with an upstream inherit. */
export function toRateLimit(
  route: Written,
  name: string,
  defaults: Defaults,
): RateLimitConfig | null {
  const { rateLimit } = route
  if (rateLimit === 'none') return null
  if (rateLimit === undefined) return route.static === undefined ? inherited(defaults) : null
  const { bucket = name, requests, per, by } = rateLimit
  return { bucket, requests, perMs: per, by }
}

function inherited({ rateLimit }: Defaults): RateLimitConfig | null {
  if (rateLimit === 'none') return null
  const { requests, per, by } = rateLimit
  return { bucket: defaultBucket, requests, perMs: per, by }
}

interface Owner {
  readonly limit: RateLimitConfig
  /** `route "a"`, or `defaults.rateLimit`. */
  readonly who: string
  readonly line: number
}

/** One count has one limit: whoever shares a bucket says the same. Routes that could not be read are null. */
export function checkBuckets(
  reader: DocumentReader,
  routes: readonly (RouteConfig | null)[],
  defaults: Defaults,
): void {
  const owners = new Map<string, Owner>()
  const shared = inherited(defaults)
  if (shared !== null) {
    const line = reader.lineOf(['defaults', 'rateLimit'])
    owners.set(defaultBucket, { limit: shared, who: 'defaults.rateLimit', line })
  }
  for (const [index, route] of routes.entries()) {
    const limit = route?.rateLimit ?? null
    if (route === null || limit === null) continue
    const path = ['routes', index, 'rateLimit']
    const owner = owners.get(limit.bucket)
    if (owner === undefined) {
      const who = `route ${JSON.stringify(route.name)}`
      owners.set(limit.bucket, { limit, who, line: reader.lineOf(path) })
    } else if (!isSameLimit(owner.limit, limit)) {
      const where = `${owner.who} in line ${String(owner.line)}`
      const bucket = JSON.stringify(limit.bucket)
      const message = `shares the bucket ${bucket} with ${where} and must say the same \`requests\`, \`per\` and \`by\``
      reader.error(path, message)
    }
  }
}

function isSameLimit(a: RateLimitConfig, b: RateLimitConfig): boolean {
  return a.requests === b.requests && a.perMs === b.perMs && a.by === b.by
}

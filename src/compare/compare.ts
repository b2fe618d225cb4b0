import type { GatewayConfig } from '../config/types.ts'
import { needsRestart } from '../lifecycle/reload.ts'
import { toChange, type Change } from './change.ts'
import { compareRoutes } from './routes/compare.ts'
import { applyRules, type Rule } from './rules.ts'
import { authRules } from './sections/auth.ts'
import { bearerRules } from './sections/bearer.ts'
import { identityRules } from './sections/identity.ts'
import { serverRules } from './sections/server.ts'
import { compareUpstreams } from './sections/upstreams.ts'

export interface Comparison {
  /** What loosens first, then what tightens, then the rest; each in the order of the file. */
  readonly changes: readonly Change[]
  /** Keys because of which a running gateway refuses a reload. */
  readonly restart: readonly string[]
}

const rules: readonly Rule<GatewayConfig>[] = [
  ...serverRules,
  ...authRules,
  ...bearerRules,
  ...identityRules,
]

const order = { loosens: 0, tightens: 1, changes: 2 } as const

/**
 * What a change of the configuration means: both are compared as the gateway would use them, resolved and with their defaults.
 * Pure. Not compared: what is behind the names of files (`auth.module`, certificates), and what FastAPI does.
 *
 * Throws `TooManyClasses` where the patterns of routes overlap in too many ways.
 */
export function compareConfigs(before: GatewayConfig, after: GatewayConfig): Comparison {
  const restart = needsRestart(before, after)
  const findings = [
    ...applyRules(rules, sectionsOf(before), sectionsOf(after), ''),
    ...compareUpstreams(before.upstreams, after.upstreams),
  ].map((each) => toChange(each))
  const changes = [
    ...compareRoutes(before, after),
    ...findings.map((change) => ({ ...change, restart: isAmong(change.key, restart) })),
  ]
  return { changes: changes.sort((x, y) => order[x.kind] - order[y.kind]), restart }
}

/** What the rules are for; routes and upstreams are compared one by one. */
function sectionsOf(config: GatewayConfig): GatewayConfig {
  return { ...config, routes: [], upstreams: {} }
}

/** `auth` stands for everything below it. */
function isAmong(key: string, restart: readonly string[]): boolean {
  return restart.some((each) => key === each || key.startsWith(`${each}.`))
}

import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../../clock.ts'
import type { GatewayConfig } from '../../config/types.ts'
import type { RouteExplanation } from '../../explain/route.ts'
import type { LiveListing } from '../../live/port.ts'
import type { Revoker } from '../../session/revocation/revoke.ts'
import type { UpstreamStatus } from '../../upstream/port.ts'
import type { AccessHub } from '../access/hub.ts'

/** What came of reading the configuration anew. */
export interface ReloadOutcome {
  /** When, milliseconds since the epoch. */
  readonly at: number
  readonly applied: boolean
  /** Every problem with its place; null: there was none. */
  readonly reason: string | null
}

/** What the console shows, asked when somebody looks. */
export interface ConsoleDeps {
  readonly clock: Clock
  readonly logger: Pick<FastifyBaseLogger, 'info' | 'warn'>
  readonly hub: Pick<AccessHub, 'subscribe'>
  /** In force now. */
  readonly config: () => GatewayConfig
  /** `serving`, or on the way out. */
  readonly phase: () => string
  /** Whether revocations of other gateways are heard. */
  readonly isShared: () => boolean
  readonly upstreams: () => readonly UpstreamStatus[]
  /** What is open, the newest first. @param max of the list, not of its counts */
  readonly live: (max: number) => LiveListing
  /** null: sessions are kept elsewhere. */
  readonly revoker: Pick<Revoker, 'user' | 'session'> | null
  /** By the configuration in force now. */
  readonly explain: (method: string, host: string, path: string) => RouteExplanation
  /** Hears of what somebody has done here. */
  readonly onAction?: (action: ConsoleAction) => void
}

/** What somebody has done at the console. */
export interface ConsoleAction {
  readonly kind: 'signed-in' | 'sign-in-refused' | 'revoked-user' | 'revoked-session'
  /** Whom or what it was about; null for a sign-in. */
  readonly subject: string | null
  /** How many sessions have ended; null where nothing was to end. */
  readonly ended: number | null
  /** Address of the connection. */
  readonly from: string
}

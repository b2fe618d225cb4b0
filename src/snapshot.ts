import type { TicketIssuer } from './authn/ticket/issue.ts'
import type { BearerConfig, FrontLimits, VerifyDialect } from './config/types.ts'
import type { AnswerRules } from './errors/answer.ts'
import type { Pages } from './pages/pages.ts'
import type { RoadDeps } from './pipeline.ts'
import type { HeaderRules } from './proxy/headers.ts'
import type { WebSocketProxy } from './proxy/websocket/port.ts'
import type { Upstream } from './upstream/port.ts'

/** Forward-auth. */
export interface VerifyRules {
  readonly dialect: VerifyDialect
  /** @param target of a request, origin-form */
  readonly isPath: (target: string) => boolean
  /** @param address of whom the connection comes from */
  readonly mayAsk: (address: string) => boolean
}

/**
 * Everything that one configuration decides about a request. A request takes the current one when it arrives and keeps it to its
 * end; a reload makes another and swaps the pointer.
 */
export interface Snapshot {
  readonly road: RoadDeps
  readonly answers: AnswerRules
  readonly pages: Pages
  readonly headers: HeaderRules
  readonly upstreams: ReadonlyMap<string, Upstream>
  readonly webSockets: WebSocketProxy
  readonly limits: FrontLimits
  readonly bearer: BearerConfig
  /** HS256 with the first bearer secret. */
  readonly sign: (input: string) => string
  /** What an access token must carry of the session behind this `Cookie` header, or null: nothing. */
  readonly sealSession: (cookieHeader: string | null, sessionId: string) => string | null
  readonly issueTicket: TicketIssuer
  /** null: no other proxy may ask about its requests. */
  readonly verify: VerifyRules | null
  /** Whether a peer's `X-Forwarded-For` is believed; `hop` counts from our side. */
  readonly trusts: (address: string, hop: number) => boolean
}

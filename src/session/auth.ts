import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { Clock } from '../clock.ts'
import type { GatewayConfig } from '../config/types.ts'
import type { Attempts } from './embedded/limits/rate-limit.ts'
import { openEmbeddedAuth } from './embedded/open.ts'
import type { Offers } from '../pages/login/offers.ts'
import type { Audit } from '../ops/audit/trail.ts'
import type { Witness } from './audit/witness.ts'
import type { AddressOf, AskAuth } from './mount.ts'
import type { ApiKeySource, RevocationListener, SessionSource, UserSource } from './port.ts'
import type { PushInbox } from './push/inbox.ts'
import type { RemoteDeadlines } from './remote/client/client.ts'
import { openRemoteAuth } from './remote/open.ts'
import type { RevocationEvent } from './revocation/event.ts'
import type { RevocationLog } from './revocation/log.ts'
import type { Revoker } from './revocation/revoke.ts'
import type { OpenTickets } from './tickets/open.ts'

export interface AuthParts {
  readonly logger: FastifyBaseLogger
  readonly clock: Clock
  /** Hears what a Better Auth of our own changes. */
  readonly listener: RevocationListener
  /** Hears what one that runs elsewhere is seen to change, and what it pushes. */
  readonly say: (event: RevocationEvent) => void
  /** What `isHeard` says has changed. */
  readonly onHeard: (isHeard: boolean) => void
  readonly attempts: Attempts
  readonly audit: Audit
  /** Sees what of it a Better Auth of our own does. */
  readonly witness: Witness
  /** How long a remote one may keep us waiting; left out: as usual. */
  readonly deadlines?: Partial<RemoteDeadlines>
}

/** Better Auth, wherever it lives. */
export interface Auth {
  readonly source: SessionSource
  /** null: it cannot be asked for users by id. */
  readonly users: UserSource | null
  /** null: it verifies no API keys. */
  readonly apiKeys: ApiKeySource | null
  /** Mounts it, or the way to it, at `auth.path`; `addressOf` tells a client's address. Returns how it is asked for a form of ours. */
  readonly register: (app: FastifyInstance, addressOf: AddressOf) => AskAuth
  /** What people can do on the built-in page. */
  readonly offers: Offers
  /** Whether Better Auth and what it keeps its sessions in have ever answered; never false again after it (ADR 0021). */
  readonly isReady: () => Promise<boolean>
  /** Whether they answer now; of a remote one, whether it answered when it was last asked. */
  readonly isStoreUp: () => Promise<boolean>
  /** Whether we hear of every revocation. Always of those in this process; of those elsewhere while our plugin there shows itself. */
  readonly isHeard: () => boolean
  /** Ends sessions for an operator; null: they are kept elsewhere. */
  readonly revoker: Revoker | null
  /** How many passwords are hashed, and how many wait for it; null: elsewhere. */
  readonly hashing: (() => { readonly running: number; readonly waiting: number }) | null
  /** What takes pushes from elsewhere, or null. */
  readonly inbox: Pick<PushInbox, 'accept'> | null
  /** The log that gateways with the same database share, or null. `keepMs` in milliseconds. */
  readonly createLog: (keepMs: number) => RevocationLog | null
  /** What gateways with the same database keep tickets in, or null. */
  readonly createTickets: () => OpenTickets | null
  readonly close: () => Promise<void>
}

/** Opens the Better Auth that a configuration names. Rejects with a `StartupError` of one sentence. */
export async function openAuth(config: GatewayConfig, parts: AuthParts): Promise<Auth> {
  const { remote } = config.auth
  if (remote === null) {
    const embedded = await openEmbeddedAuth(config, parts)
    return { ...embedded, isHeard: () => true, inbox: null }
  }
  const { logger, clock, say, audit, onHeard: onPushState, deadlines } = parts
  const auth = openRemoteAuth(config, remote, {
    logger,
    clock,
    say,
    audit,
    onPushState,
    ...(deadlines === undefined ? {} : { deadlines }),
  })
  return {
    ...auth,
    users: null,
    apiKeys: null,
    revoker: null,
    hashing: null,
    isHeard: () => auth.inbox?.isUp ?? false,
    createLog: () => null,
    createTickets: () => null,
  }
}

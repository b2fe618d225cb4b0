import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { Clock } from '../../clock.ts'
import type { GatewayConfig, RemoteAuthConfig } from '../../config/types.ts'
import { digest } from '../../crypto/hs256.ts'
import { identityNames } from '../../proxy/headers.ts'
import { unaudited, type Audit } from '../../ops/audit/trail.ts'
import { ofPush } from '../audit/remote.ts'
import { authCookieTest, sessionCookieNames } from '../cookies.ts'
import type { Offers } from '../../pages/login/offers.ts'
import type { AddressOf, AskAuth } from '../mount.ts'
import type { SessionSource } from '../port.ts'
import { PushInbox } from '../push/inbox.ts'
import type { RevocationEvent } from '../revocation/event.ts'
import { RemoteClient, type RemoteDeadlines } from './client/client.ts'
import { KnownSessions } from './known.ts'
import { createPresenter } from './proof.ts'
import { reach } from './client/reach.ts'
import { createCallers } from './relay/caller.ts'
import { createHints } from './relay/hints.ts'
import { mountRemoteAuth, type RelayOptions } from './relay/mount.ts'
import { createRemoteSource } from './source.ts'

export interface RemoteParts {
  readonly logger: FastifyBaseLogger
  readonly clock: Clock
  readonly say: (event: RevocationEvent) => void
  /** Left out: nobody keeps an audit log. */
  readonly audit?: Audit
  /** The pushes of the remote have begun, or have stopped: while there are none, something may be missed. */
  readonly onPushState: (isUp: boolean) => void
  readonly deadlines?: Partial<RemoteDeadlines>
}

/** A Better Auth that lives elsewhere. */
export interface RemoteAuth {
  readonly source: SessionSource
  /** Mounts the way to it at `auth.path`; `addressOf` tells a client's address. Returns how it is asked for a form of ours. */
  readonly register: (app: FastifyInstance, addressOf: AddressOf) => AskAuth
  readonly offers: Offers
  /**
   * Whether it has ever been reached. One that falls silent later takes no gateway out of service: all of them would go at once, with what they still can do
   * (sessions that are known, foreign tokens, open routes) and with the answers that tell clients to wait.
   */
  readonly isReady: () => Promise<boolean>
  /** Whether it answered when it was last asked. */
  readonly isStoreUp: () => Promise<boolean>
  /** Takes its pushes; null where none are accepted. */
  readonly inbox: PushInbox | null
  readonly close: () => Promise<void>
}

/** Opens the way to a remote Better Auth. Does not wait for it: whoever starts first waits for the other in `/readyz`. */
export function openRemoteAuth(
  config: GatewayConfig,
  remote: RemoteAuthConfig,
  parts: RemoteParts,
): RemoteAuth {
  const { path, secrets, session } = config.auth
  const client = clientFor(config, remote, parts)
  const presenter = createPresenter(secrets)
  const known = new KnownSessions(digest)
  const cookieName = sessionCookieNames(config).token
  const { say, logger, audit = unaudited } = parts
  const shared = { path, client, cookieName, presenter, known, say, audit, now: parts.clock.now }
  const isAuthCookie = authCookieTest(config)
  const source = createRemoteSource({ ...shared, isAuthCookie, session })
  const relay: Omit<RelayOptions, 'addressOf'> = {
    ...shared,
    callers: createCallers({ ...shared, source }),
    headers: relayHeaders(config, client.host),
    hint: createHints(cookieName, presenter, logger),
    digest,
    publicUrl: config.server.publicUrl,
  }
  const reached = reach(client, path)
  const inbox = inboxFor(remote, parts)
  return {
    source,
    register: (app, addressOf) => mountRemoteAuth(app, { ...relay, addressOf }),
    offers,
    isReady: () => Promise.resolve(reached.isDone()),
    isStoreUp: () => Promise.resolve(reached.isDone() && client.isAnswering),
    inbox,
    close: async () => {
      reached.stop()
      inbox?.close()
      await client.close()
    },
  }
}

/**
 * What the built-in page offers of a Better Auth that nobody can ask what it offers: to sign in by e-mail, and whatever follows from its answers to that. What may
 * not be there is left out.
 */
const offers: Offers = {
  email: true,
  signUp: 'closed',
  minPasswordLength: null,
  resets: false,
  confirms: true,
  providers: [],
  secondFactor: { totp: true, otp: true, backup: true, trustDays: null },
}

function clientFor(
  { server }: GatewayConfig,
  { url }: RemoteAuthConfig,
  { clock, logger, deadlines }: RemoteParts,
): RemoteClient {
  const { publicUrl } = server
  return new RemoteClient({
    url,
    publicUrl,
    clock,
    logger,
    ...(deadlines === undefined ? {} : { deadlines }),
  })
}

function inboxFor({ pushSecret }: RemoteAuthConfig, parts: RemoteParts): PushInbox | null {
  if (pushSecret === null) return null
  const { clock, say, logger, onPushState, audit = unaudited } = parts
  const onState = (isUp: boolean): void => {
    if (isUp) logger.info('the remote Better Auth tells of revocations')
    else logger.warn('the remote Better Auth is silent: sessions are remembered for 5 s at most')
    onPushState(isUp)
  }
  const record = (event: RevocationEvent): void => {
    for (const each of ofPush(event)) audit.say(each)
  }
  return new PushInbox({ secret: pushSecret, clock, say, record, onState })
}

function relayHeaders({ server, identity }: GatewayConfig, host: string) {
  const { host: publicHost, protocol } = new URL(server.publicUrl)
  return {
    host,
    publicHost,
    publicProtocol: protocol === 'https:' ? ('https' as const) : ('http' as const),
    identityNames: identityNames(identity.headers),
  }
}

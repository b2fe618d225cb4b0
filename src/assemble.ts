import { randomUUID } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import { createAsserter } from './assertion/assert.ts'
import { authnDeps, type AuthnParts } from './assemble/authn.ts'
import { openPages, type PageParts } from './assemble/pages.ts'
import { ticketIssuer } from './assemble/tickets.ts'
import { clockSkewSeconds } from './authn/bearer/claims.ts'
import { readCookieValues } from './authn/cookie.ts'
import type { Clock } from './clock.ts'
import type { GatewayConfig, UpstreamConfig } from './config/types.ts'
import { createHs256, type Hs256 } from './crypto/hs256.ts'
import { pathTest } from './endpoints/verify/answer.ts'
import type { AnswerRules } from './errors/answer.ts'
import { answerRawRefusal } from './errors/handler.ts'
import { compileTrust } from './front/address.ts'
import type { LiveConnections } from './live/port.ts'
import type { LimitRate, RoadDeps, Slide } from './pipeline.ts'
import { createApplicationFilter, type ApplicationRules } from './proxy/headers/application.ts'
import { createCookieFilter, identityNames, type HeaderRules } from './proxy/headers.ts'
import { createWebSocketProxy } from './proxy/websocket/proxy.ts'
import { compileRoutes } from './routing/compile.ts'
import { knownHosts } from './routing/host.ts'
import type { SessionCache } from './session/cache.ts'
import { authCookieTest, clearingCookies, sessionCookieNames } from './session/cookies.ts'
import type { SessionSource } from './session/port.ts'
import { createSessionSeal } from './session/remote/seal.ts'
import { createSlide } from './session/slide.ts'
import type { Snapshot, VerifyRules } from './snapshot.ts'
import type { Upstream } from './upstream/port.ts'
import { createUpstream } from './upstream/upstream.ts'

/** What outlives every configuration: the parts that do I/O of their own or remember something. */
export interface Parts extends AuthnParts {
  readonly logger: FastifyBaseLogger
  readonly clock: Clock
  readonly sessions: SessionCache
  readonly slide: Slide
  readonly live: LiveConnections
  readonly limitRate: LimitRate
  readonly pages: PageParts
  /** Hears of each comparison of users on routes that only observe. */
  readonly onCompared: NonNullable<HeaderRules['onCompared']>
  /** Hears what Better Auth's application, where it is an upstream, does to sessions. */
  readonly onSession: NonNullable<ApplicationRules['onSession']>
  /** Loopback names are accepted as `Host`. */
  readonly dev: boolean
}

const slideWaitMs = 1000

/**
 * Turns a configuration into what requests are decided by: the order of the road, read from top to bottom. Upstreams that are
 * configured as before are taken over from the snapshot before, with their connections and what is known of their health.
 */
export function createSnapshot(
  config: GatewayConfig,
  parts: Parts,
  before: Snapshot | null,
): Snapshot {
  const keys = config.bearer.secrets.map(createHs256)
  const [signer] = keys
  if (signer === undefined) throw new Error('a configuration has at least one bearer secret')
  const pages = openPages(config, parts.pages)
  const answers = answerRules(config, pages.brand)
  const headers = headerRules(config, parts)
  const seal = createSessionSeal(config)
  const road = roadDeps(config, parts, keys, signer)
  const trusts = compileTrust(config.server.trustedProxies)
  // The last that can fail, because what it opens has to be closed.
  const upstreams = openUpstreams(config, parts, before)
  return {
    road,
    answers,
    pages,
    headers,
    upstreams,
    webSockets: createWebSocketProxy({
      upstreams,
      headers,
      live: parts.live,
      log: parts.logger,
      answerRaw: (socket, refusal, head, requestId) =>
        answerRawRefusal(socket, refusal, head, requestId, answers),
    }),
    limits: config.server.limits,
    bearer: config.bearer,
    sign: signer.sign,
    sealSession: seal?.seal ?? (() => null),
    issueTicket: ticketIssuer(config, parts.tickets),
    trusts,
    verify: verifyRules(config.verify),
  }
}

function verifyRules(verify: GatewayConfig['verify']): VerifyRules | null {
  if (verify === null) return null
  const isFrom = compileTrust(verify.from)
  const { dialect } = verify
  const mayAsk = (address: string): boolean => address !== '' && isFrom(address, 0)
  return { dialect, isPath: pathTest(dialect === 'envoy'), mayAsk }
}

/** Throws a `StartupError`, and leaves nothing open, when a file that an upstream needs cannot be read. */
function openUpstreams(
  config: GatewayConfig,
  { clock, logger: log }: Parts,
  before: Snapshot | null,
): ReadonlyMap<string, Upstream> {
  const { host } = new URL(config.server.publicUrl)
  const upstreams = new Map<string, Upstream>()
  const opened: Upstream[] = []
  try {
    for (const upstream of Object.values(config.upstreams)) {
      const known = before?.upstreams.get(upstream.name)
      if (known !== undefined && isUnchanged(known.config, upstream)) {
        upstreams.set(upstream.name, known)
        continue
      }
      const fresh = createUpstream(upstream, { clock, log, host })
      opened.push(fresh)
      upstreams.set(upstream.name, fresh)
    }
    return upstreams
  } catch (error) {
    for (const upstream of opened) upstream.destroy()
    throw error
  }
}

/** Certificates are read when an upstream is opened; nothing here tells whether their files are still the same. */
function isUnchanged(known: UpstreamConfig, wanted: UpstreamConfig): boolean {
  return wanted.tls === null && JSON.stringify(known) === JSON.stringify(wanted)
}

/** What requests are decided by. @param keys the shared secrets, of which the signer is one */
export function roadDeps(
  config: GatewayConfig,
  parts: AuthnParts & Pick<Parts, 'dev' | 'limitRate' | 'slide' | 'clock'>,
  keys: readonly Hs256[],
  signer: Hs256,
): RoadDeps {
  return {
    routes: compileRoutes(config),
    hosts: knownHosts(config, parts.dev),
    origins: new Set([config.server.publicUrl, ...config.auth.trustedOrigins]),
    authn: authnDeps(config, parts, keys),
    hasSessionCookie: (cookie) => readCookieValues(cookie, sessionCookie(config)).length > 0,
    assert: createAsserter({
      identity: config.identity,
      sign: signer.sign,
      clockSkew: clockSkewSeconds,
      newId: randomUUID,
    }),
    limitRate: parts.limitRate,
    slide: parts.slide,
    now: parts.clock.now,
  }
}

/** The one name under which a session cookie is read. */
function sessionCookie(config: GatewayConfig): string {
  return sessionCookieNames(config).token
}

/** The sliding refresh; one for all snapshots, because it knows which refreshes are under way. */
export function slideFor(
  config: GatewayConfig,
  source: SessionSource,
  logger: FastifyBaseLogger,
): Slide {
  return createSlide({
    source,
    cookieNames: sessionCookieNames(config),
    waitMs: slideWaitMs,
    onFailed: (error) => {
      logger.warn({ err: error }, 'a session could not be extended')
    },
  })
}

export function headerRules(
  config: GatewayConfig,
  { onCompared, onSession }: Pick<Parts, 'onCompared' | 'onSession'>,
): HeaderRules {
  const isAuthCookie = authCookieTest(config)
  return {
    identityNames: identityNames(config.identity.headers),
    dropsApiKey: config.bearer.apiKeys,
    isAuthCookie,
    filterCookies: createCookieFilter(isAuthCookie),
    publicProtocol: config.server.publicUrl.startsWith('https:') ? 'https' : 'http',
    onCompared,
    ...applicationRules(config, isAuthCookie, onSession),
  }
}

function applicationRules(
  config: GatewayConfig,
  isAuthCookie: HeaderRules['isAuthCookie'],
  onSession: Parts['onSession'],
): Pick<HeaderRules, 'application'> {
  const upstreams = Object.values(config.upstreams)
  const named = upstreams.filter(({ sessionCookie }) => sessionCookie === 'forward')
  // Other gateways ask nothing of it on their hot path.
  if (named.length === 0) return {}
  const names = sessionCookieNames(config)
  return {
    application: {
      upstreams: new Set(named.map(({ name }) => name)),
      cookieName: names.token,
      filterCookies: createApplicationFilter(isAuthCookie, names),
      onSession,
    },
  }
}

export function answerRules(config: GatewayConfig, brand: AnswerRules['brand']): AnswerRules {
  const { publicUrl } = config.server
  return {
    realm: new URL(publicUrl).host,
    publicUrl,
    loginPage: config.auth.loginPage,
    notReturnedTo: [config.auth.path],
    clearCookies: clearingCookies(config),
    brand,
  }
}

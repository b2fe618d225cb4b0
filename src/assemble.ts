import type { FastifyBaseLogger } from 'fastify'
import { createAsserter } from './assertion/assert.ts'
import type { AuthnDeps } from './authn/authenticate.ts'
import { createBearerReader } from './authn/bearer.ts'
import { clockSkewSeconds } from './authn/claims.ts'
import { createCookieReader } from './authn/cookie.ts'
import { createTokenVerifier } from './authn/jwt.ts'
import type { Clock } from './clock.ts'
import type { GatewayConfig, UpstreamConfig } from './config/types.ts'
import { createHs256, digest, type Hs256 } from './crypto/hs256.ts'
import type { AnswerRules } from './errors/answer.ts'
import { answerRawRefusal } from './errors/handler.ts'
import { compileTrust } from './front/address.ts'
import type { LiveConnections } from './live/port.ts'
import type { LimitRate, RoadDeps, Slide } from './pipeline.ts'
import { createCookieFilter, identityNames, type HeaderRules } from './proxy/headers.ts'
import { createWebSocketProxy } from './proxy/websocket/proxy.ts'
import { compileRoutes } from './routing/compile.ts'
import { knownHosts } from './routing/host.ts'
import type { SessionCache } from './session/cache.ts'
import { clearingCookies, isAuthCookieName, sessionCookieNames } from './session/cookies.ts'
import type { SessionSource } from './session/port.ts'
import { createSlide } from './session/slide.ts'
import type { Snapshot } from './snapshot.ts'
import type { Upstream } from './upstream/port.ts'
import { createUpstream } from './upstream/upstream.ts'

/** What outlives every configuration: the parts that do I/O of their own or remember something. */
export interface Parts {
  readonly logger: FastifyBaseLogger
  readonly clock: Clock
  readonly sessions: SessionCache
  readonly slide: Slide
  readonly live: LiveConnections
  readonly limitRate: LimitRate
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
  const answers = answerRules(config)
  const headers = headerRules(config)
  const road = roadDeps(config, parts, keys, signer)
  const trusts = compileTrust(config.server.trustedProxies)
  // The last that can fail, because what it opens has to be closed.
  const upstreams = openUpstreams(config, parts, before)
  return {
    road,
    answers,
    headers,
    upstreams,
    webSockets: createWebSocketProxy({
      upstreams,
      headers,
      live: parts.live,
      log: parts.logger,
      answerRaw: (socket, refusal, head, requestId) => {
        answerRawRefusal(socket, refusal, head, requestId, answers)
      },
    }),
    limits: config.server.limits,
    bearer: config.bearer,
    sign: signer.sign,
    trusts,
  }
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

function roadDeps(
  config: GatewayConfig,
  parts: Parts,
  keys: readonly Hs256[],
  signer: Hs256,
): RoadDeps {
  return {
    routes: compileRoutes(config),
    hosts: knownHosts(config, parts.dev),
    origins: new Set([config.server.publicUrl, ...config.auth.trustedOrigins]),
    authn: authnDeps(config, parts, keys),
    assert: createAsserter({
      identity: config.identity,
      sign: signer.sign,
      clockSkew: clockSkewSeconds,
    }),
    limitRate: parts.limitRate,
    slide: parts.slide,
    now: parts.clock.now,
  }
}

function authnDeps(config: GatewayConfig, parts: Parts, keys: readonly Hs256[]): AuthnDeps {
  const { userClaim, issuer, audience, maxLifetimeMs } = config.bearer
  return {
    readBearer: createBearerReader({
      sessions: parts.sessions,
      verify: createTokenVerifier({ verifiers: keys.map(({ verify }) => verify), digest }),
      rules: {
        userClaim,
        issuer,
        audience,
        maxLifetime: maxLifetimeMs / 1000,
        clockSkew: clockSkewSeconds,
      },
    }),
    readCookie: createCookieReader({
      cookieName: sessionCookieNames(config.server.publicUrl).token,
      sessions: parts.sessions,
      verifySignature: createHs256(config.auth.secret).verifyBase64,
      digest,
    }),
  }
}

/** The sliding refresh; one for all snapshots, because it knows which refreshes are under way. */
export function slideFor(
  config: GatewayConfig,
  source: SessionSource,
  logger: FastifyBaseLogger,
): Slide {
  return createSlide({
    source,
    cookieNames: sessionCookieNames(config.server.publicUrl),
    waitMs: slideWaitMs,
    onFailed: (error) => {
      logger.warn({ err: error }, 'a session could not be extended')
    },
  })
}

function headerRules(config: GatewayConfig): HeaderRules {
  return {
    identityNames: identityNames(config.identity.headers),
    isAuthCookie: isAuthCookieName,
    filterCookies: createCookieFilter(isAuthCookieName),
    publicProtocol: config.server.publicUrl.startsWith('https:') ? 'https' : 'http',
  }
}

function answerRules(config: GatewayConfig): AnswerRules {
  const { publicUrl } = config.server
  return {
    realm: new URL(publicUrl).host,
    publicUrl,
    loginPage: config.auth.loginPage,
    notReturnedTo: [config.auth.path],
    clearCookies: clearingCookies(publicUrl),
  }
}

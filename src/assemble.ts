import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { createAsserter } from './assertion/assert.ts'
import type { AuthnDeps } from './authn/authenticate.ts'
import { createBearerReader } from './authn/bearer.ts'
import { clockSkewSeconds } from './authn/claims.ts'
import { createCookieReader } from './authn/cookie.ts'
import { createTokenVerifier } from './authn/jwt.ts'
import type { Clock } from './clock.ts'
import type { GatewayConfig } from './config/types.ts'
import { createHs256, digest, type Hs256 } from './crypto/hs256.ts'
import { registerEndpoints, type EndpointDeps } from './endpoints/register.ts'
import type { AnswerRules } from './errors/answer.ts'
import { sendRawRefusal } from './errors/handler.ts'
import type { RoadDeps, Slide } from './pipeline.ts'
import { createForward } from './proxy/forward.ts'
import { createCookieFilter, identityNames, type HeaderRules } from './proxy/headers.ts'
import { createUpstream, type Upstream } from './proxy/upstream.ts'
import { compileRoutes } from './routing/compile.ts'
import { knownHosts } from './routing/host.ts'
import { createServer, localArrivalOf } from './server.ts'
import type { SessionCache } from './session/cache.ts'
import { clearingCookies, isAuthCookieName, sessionCookieNames } from './session/cookies.ts'
import type { SessionSource } from './session/port.ts'
import { createSlide } from './session/slide.ts'

/** The parts that do I/O of their own, made before and closed after. */
export interface Parts {
  readonly logger: FastifyBaseLogger
  readonly clock: Clock
  readonly source: SessionSource
  readonly sessions: SessionCache
  readonly loginPage: EndpointDeps['loginPage']
  /** Mounts Better Auth at `auth.path`. */
  readonly registerAuth: (app: FastifyInstance) => void
  /** Loopback names are accepted as `Host`. */
  readonly dev: boolean
}

/** Everything wired, nothing listening. */
export interface Assembly {
  readonly app: FastifyInstance
  readonly upstreams: readonly Upstream[]
}

const slideWaitMs = 1000

/** Turns a configuration and its parts into a server: the order of the road, read from top to bottom. */
export function assemble(config: GatewayConfig, parts: Parts): Assembly {
  const keys = config.bearer.secrets.map(createHs256)
  const [signer] = keys
  if (signer === undefined) throw new Error('a configuration has at least one bearer secret')
  const answers = answerRules(config)
  const slide = slideFor(config, parts)
  const upstreams = new Map(
    Object.values(config.upstreams).map((upstream) => [upstream.name, createUpstream(upstream)]),
  )
  const app = createServer({
    logger: parts.logger,
    trustedProxies: config.server.trustedProxies,
    road: roadDeps(config, parts, keys, slide),
    answers,
    forward: createForward({
      upstreams,
      headers: headerRules(config),
      log: parts.logger,
      refuse: (request, reply, refusal) => {
        sendRawRefusal(request.raw, reply.raw, refusal, request.id, answers)
      },
    }),
  })
  parts.registerAuth(app)
  registerEndpoints(app, {
    bearer: config.bearer,
    sign: signer.sign,
    slide,
    now: parts.clock.now,
    loginPage: parts.loginPage,
    arrivalOf: localArrivalOf,
  })
  return { app, upstreams: [...upstreams.values()] }
}

function roadDeps(
  config: GatewayConfig,
  parts: Parts,
  keys: readonly Hs256[],
  slide: Slide,
): RoadDeps {
  const { clock } = parts
  const [signer] = keys as readonly [Hs256]
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
    slide,
    now: clock.now,
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

function slideFor(config: GatewayConfig, parts: Parts): Slide {
  return createSlide({
    source: parts.source,
    cookieNames: sessionCookieNames(config.server.publicUrl),
    waitMs: slideWaitMs,
    onFailed: (error) => {
      parts.logger.warn({ err: error }, 'a session could not be extended')
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

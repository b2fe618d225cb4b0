import { hash } from 'node:crypto'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import { assemble, type Assembly } from './assemble.ts'
import { systemClock, type Clock } from './clock.ts'
import type { GatewayConfig } from './config/types.ts'
import { digest } from './crypto/hs256.ts'
import { StartupError } from './errors/startup.ts'
import { listenAdmin, urlOf } from './ops/admin.ts'
import { createLogger } from './ops/log.ts'
import { createLoginPage } from './pages/login.ts'
import { openEmbeddedAuth, type EmbeddedAuth } from './session/embedded/open.ts'
import { judgeLoginPage } from './routing/login-page.ts'
import { SessionCache } from './session/cache.ts'
import type { SessionSource } from './session/port.ts'

export interface GatewayOptions {
  readonly logger?: FastifyBaseLogger
  readonly clock?: Clock
  /** Loopback names are accepted as `Host`, with any port. */
  readonly dev?: boolean
  /** Wraps the session source, so that tests can make it fail. */
  readonly wrapSource?: (source: SessionSource) => SessionSource
}

export interface Gateway {
  /** Starts listening. Rejects with a `StartupError` when an address cannot be had. */
  listen(): Promise<{ readonly url: string; readonly adminUrl: string | null }>
  /** Stops accepting, lets requests in flight end within `server.shutdown.grace`, then cuts them. Safe to call twice. */
  close(): Promise<void>
}

/**
 * Builds a gateway from a configuration: opens the database, brings its schema up to date, and wires the road. Nothing
 * listens yet. Rejects with a `StartupError` of one sentence when something that it needs is not there.
 */
export async function createGateway(
  config: GatewayConfig,
  options: GatewayOptions = {},
): Promise<Gateway> {
  const loginPageProblem = judgeLoginPage(config)
  if (loginPageProblem !== null) throw new StartupError(`auth.loginPage: ${loginPageProblem}`)
  const logger = options.logger ?? createLogger('info')
  const clock = options.clock ?? systemClock
  // The cache hears of revocations from Better Auth, and Better Auth is what it asks: the knot is tied here.
  let sessions: SessionCache | null = null
  const auth = await openEmbeddedAuth(config, {
    logger,
    clock,
    listener: {
      sessionRevoked: (event) => sessions?.sessionRevoked(event),
      sessionChanged: (event) => sessions?.sessionChanged(event),
      userChanged: (event) => sessions?.userChanged(event),
      userDeleted: (event) => sessions?.userDeleted(event),
    },
  })
  const source = options.wrapSource?.(auth.source) ?? auth.source
  sessions = new SessionCache({ source, clock, ttlMs: config.auth.session.cacheMs, digest })
  const assembly = assemble(config, {
    logger,
    clock,
    source,
    sessions,
    loginPage: loginPageOf(config),
    registerAuth: auth.register,
    dev: options.dev ?? false,
  })
  return toGateway(config, assembly, auth, logger)
}

function loginPageOf(config: GatewayConfig): ReturnType<typeof createLoginPage> {
  return createLoginPage({
    authPath: config.auth.path,
    signUp: config.auth.signUp.kind,
    email: config.auth.signIn.email,
    social: Object.keys(config.auth.signIn.social),
    sha256Base64: (text) => hash('sha256', text, 'base64'),
  })
}

function toGateway(
  config: GatewayConfig,
  { app, upstreams }: Assembly,
  auth: EmbeddedAuth,
  logger: FastifyBaseLogger,
): Gateway {
  let admin: Server | null = null
  let closing: Promise<void> | null = null
  const { shutdown, listen } = config.server
  return {
    async listen() {
      await app.listen({ ...listen }).catch((error: unknown) => {
        throw toStartupError(error, `server.listen: ${listen.host}:${listen.port}`)
      })
      if (config.admin !== null) {
        const address = config.admin.listen
        const isReady = (): Promise<boolean> => Promise.resolve(closing === null && auth.isAlive())
        admin = await listenAdmin(address, { isReady }).catch((error: unknown) => {
          throw toStartupError(error, `admin.listen: ${address.host}:${address.port}`)
        })
      }
      return { url: urlOf(app.server), adminUrl: admin === null ? null : urlOf(admin) }
    },
    close() {
      closing ??= (async () => {
        await wait(shutdown.drainMs)
        await closeWithin(app, shutdown.graceMs, logger)
        await Promise.all(upstreams.map(({ pool }) => pool.destroy()))
        if (admin !== null) await closeServer(admin)
        auth.close()
      })()
      return closing
    },
  }
}

/** Lets requests in flight end; what has not ended after the grace period is cut. */
async function closeWithin(
  app: Assembly['app'],
  graceMs: number,
  logger: FastifyBaseLogger,
): Promise<void> {
  const cut = setTimeout(() => {
    logger.warn('the grace period has passed: connections that are still open are cut')
    app.server.closeAllConnections()
  }, graceMs)
  await app.close()
  clearTimeout(cut)
}

async function closeServer(server: Server): Promise<void> {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}

function wait(ms: number): Promise<void> {
  return ms === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms))
}

function toStartupError(error: unknown, place: string): StartupError {
  const { code } = error as NodeJS.ErrnoException
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'is in use by another process',
    EACCES: 'may not be opened by this user',
    EADDRNOTAVAIL: 'is not an address of this machine',
    ENOTFOUND: 'is not an address of this machine',
  }
  return new StartupError(`${place} ${reasons[code ?? ''] ?? `cannot be opened (${String(code)})`}`)
}

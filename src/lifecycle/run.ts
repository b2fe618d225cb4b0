import { lookup } from 'node:dns/promises'
import type { Server } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { GatewayConfig } from '../config/types.ts'
import { refuse } from '../errors/refusal.ts'
import { StartupError } from '../errors/startup.ts'
import type { LiveConnections } from '../live/port.ts'
import { listenAdmin, urlOf } from '../ops/admin.ts'
import type { Metrics } from '../ops/metrics.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Upstream } from '../upstream/port.ts'
import { closeServer, drain, trackSockets, type Phase } from './drain.ts'
import { needsRestart } from './reload.ts'

export interface Gateway {
  /** Starts listening. Rejects with a `StartupError` when an address cannot be had. */
  listen(): Promise<{ readonly url: string; readonly adminUrl: string | null }>
  /**
   * Puts another configuration in force for every request that arrives from now on; those under way keep the one they came
   * under. Throws a `StartupError`, and changes nothing, when a key differs that only a restart can change or when a file that it names cannot be read.
   */
  reload(config: GatewayConfig): void
  /**
   * Goes out of service: `/readyz` says so, `server.shutdown.drain` passes, the listener closes, streams are told, requests in
   * flight end within `server.shutdown.grace`, the rest is cut. Safe to call twice.
   */
  close(): Promise<void>
}

/** What changes while a gateway runs. */
export interface Running {
  config: GatewayConfig
  phase: Phase
  snapshot: () => Snapshot
}

export interface RunDeps {
  readonly app: FastifyInstance
  readonly auth: { readonly isAlive: () => Promise<boolean>; readonly close: () => Promise<void> }
  readonly live: LiveConnections & { readonly close: () => void }
  readonly bus: { readonly close: () => Promise<unknown> }
  readonly issuers: { readonly close: () => Promise<void> }
  readonly clients: { readonly closeConnections: () => void }
  readonly metrics: Pick<Metrics, 'render' | 'contentType'>
  readonly limiter: { readonly close: () => void }
  readonly logger: FastifyBaseLogger
  /** Throws a `StartupError` for what no configuration file can tell by itself. */
  readonly judge: (config: GatewayConfig) => void
  readonly prepare: (config: GatewayConfig, before: Snapshot | null) => Snapshot
}

/** Puts the first configuration in force and hands out the controls. */
export function run(running: Running, deps: RunDeps): Gateway {
  const { app, logger, judge, prepare } = deps
  const sockets = trackSockets(app.server)
  const swap = (config: GatewayConfig, before: Snapshot | null): void => {
    const snapshot = prepare(config, before)
    running.config = config
    running.snapshot = () => snapshot
    app.server.maxConnections = config.server.limits.connections
    if (before !== null) retire(before, snapshot, logger)
  }
  swap(running.config, null)
  let admin: Server | null = null
  let closing: Promise<void> | null = null
  return {
    async listen() {
      const { url, server } = await listenAll(running, deps)
      admin = server
      return { url, adminUrl: admin === null ? null : urlOf(admin) }
    },
    reload(config) {
      judge(config)
      const keys = needsRestart(running.config, config)
      if (keys.length > 0) {
        throw new StartupError(`only a restart can change ${keys.join(', ')}: nothing was applied`)
      }
      swap(config, running.snapshot())
    },
    close() {
      closing ??= stop(running, deps, sockets, () => admin)
      return closing
    },
  }
}

async function listenAll(
  running: Running,
  { app, auth, metrics }: RunDeps,
): Promise<{ url: string; server: Server | null }> {
  const { server, admin } = running.config
  const { listen } = server
  // Fastify would open a second server for the other address of localhost, without what is attached to the first.
  const host = listen.host === 'localhost' ? (await lookup('localhost')).address : listen.host
  await app.listen({ ...listen, host }).catch((error: unknown) => {
    throw toStartupError(error, `server.listen: ${listen.host}:${listen.port}`)
  })
  const url = urlOf(app.server, server.tls === null ? 'http' : 'https')
  if (admin === null) return { url, server: null }
  const isReady = async (): Promise<boolean> =>
    running.phase === 'serving' && (await auth.isAlive())
  return {
    url,
    server: await listenAdmin(admin.listen, { isReady, metrics }).catch((error: unknown) => {
      throw toStartupError(error, `admin.listen: ${admin.listen.host}:${admin.listen.port}`)
    }),
  }
}

async function stop(
  running: Running,
  deps: RunDeps,
  sockets: ReturnType<typeof trackSockets>,
  admin: () => Server | null,
): Promise<void> {
  const { app, auth, live, bus, issuers, clients, limiter, logger } = deps
  const { drainMs, graceMs } = running.config.server.shutdown
  await drain({
    app,
    sockets,
    drainMs: app.server.listening ? drainMs : 0,
    graceMs,
    logger,
    enter: (phase) => {
      running.phase = phase
      clients.closeConnections()
    },
    closeStreams: () => {
      live.closeAll(refuse('shutting_down'))
    },
  })
  for (const upstream of running.snapshot().upstreams.values()) upstream.destroy()
  const server = admin()
  if (server !== null) await closeServer(server)
  live.close()
  limiter.close()
  await issuers.close()
  await bus.close()
  await auth.close()
}

/** Upstreams that the new snapshot has not taken over let what is under way end, and are then closed. */
function retire(before: Snapshot, now: Snapshot, logger: FastifyBaseLogger): void {
  const kept = new Set<Upstream>(now.upstreams.values())
  for (const upstream of before.upstreams.values()) {
    if (kept.has(upstream)) continue
    upstream.close().catch((error: unknown) => {
      logger.warn({ err: error, upstream: upstream.config.name }, 'an upstream did not close')
    })
  }
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

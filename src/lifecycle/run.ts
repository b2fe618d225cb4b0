import { lookup } from 'node:dns/promises'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { GatewayConfig } from '../config/types.ts'
import { refuse } from '../errors/refusal.ts'
import { StartupError } from '../errors/startup.ts'
import type { LiveConnections } from '../live/port.ts'
import { listenAdmin, urlOf, type AdminDeps, type AdminListener } from '../ops/admin/server.ts'
import type { AuditTrail } from '../ops/audit/trail.ts'
import type { Metrics } from '../ops/metrics.ts'
import type { Tracer } from '../ops/trace/port.ts'
import { gatewayVersion } from '../ops/version.ts'
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
  /** Tells operators that a change of the files was refused before there was a configuration to put in force. @param reason every problem with its place */
  reloadRefused(reason: string): void
  /**
   * Goes out of service: `/readyz` says so, `server.shutdown.drain` passes, the listener closes, streams are told, requests in
   * flight end within `server.shutdown.grace`, the rest is cut. Safe to call twice.
   */
  close(): Promise<void>
  /** The audit log, for what happens outside of it. */
  readonly audit: Pick<AuditTrail, 'say' | 'reopen'>
}

/** What changes while a gateway runs. */
export interface Running {
  config: GatewayConfig
  phase: Phase
  snapshot: () => Snapshot
}

export interface RunDeps {
  readonly app: FastifyInstance
  readonly auth: { readonly isReady: () => Promise<boolean>; readonly close: () => Promise<void> }
  readonly live: LiveConnections & { readonly close: () => void }
  readonly bus: { readonly close: () => Promise<unknown> }
  readonly issuers: { readonly close: () => Promise<void> }
  readonly clients: { readonly closeConnections: () => void }
  readonly metrics: Pick<Metrics, 'render' | 'contentType' | 'reloads' | 'close'>
  readonly audit: AuditTrail
  readonly openConsole: AdminDeps['openConsole']
  readonly limiter: { readonly close: () => void }
  readonly logger: FastifyBaseLogger
  /** null: traces are off. */
  readonly tracer: Pick<Tracer, 'close'> | null
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
  let admin: AdminListener | null = null
  let closing: Promise<void> | null = null
  const tell: AdminListener['console']['reloaded'] = (outcome) => {
    deps.metrics.reloads(outcome.applied)
    admin?.console.reloaded(outcome)
  }
  return {
    async listen() {
      const { url, admin: opened } = await listenAll(running, deps)
      admin = opened
      deps.audit.say({ event: 'gateway.started', ...byItself() })
      return { url, adminUrl: admin === null ? null : urlOf(admin.server) }
    },
    ...reloads((config) => {
      judge(config)
      const keys = needsRestart(running.config, config)
      if (keys.length > 0) {
        throw new StartupError(`only a restart can change ${keys.join(', ')}: nothing was applied`)
      }
      swap(config, running.snapshot())
    }, tell),
    close() {
      closing ??= stop(running, deps, sockets, () => admin)
      return closing
    },
    audit: deps.audit,
  }
}

/** Reloads, and tells what came of each, once. */
function reloads(
  apply: (config: GatewayConfig) => void,
  tell: AdminListener['console']['reloaded'],
): Pick<Gateway, 'reload' | 'reloadRefused'> {
  let told: string | null = null
  return {
    reload(config) {
      told = null
      try {
        apply(config)
      } catch (error) {
        told = (error as Error).message
        tell({ applied: false, reason: told })
        throw error
      }
      tell({ applied: true, reason: null })
    },
    reloadRefused(reason) {
      // Whoever follows the files says it again when it was refused here.
      if (reason !== told) tell({ applied: false, reason })
      told = null
    },
  }
}

async function listenAll(
  running: Running,
  { app, auth, metrics, openConsole }: RunDeps,
): Promise<{ url: string; admin: AdminListener | null }> {
  const { server, admin } = running.config
  const { listen } = server
  // Fastify would open a second server for the other address of localhost, without what is attached to the first.
  const host = listen.host === 'localhost' ? (await lookup('localhost')).address : listen.host
  await app.listen({ ...listen, host }).catch((error: unknown) => {
    throw toStartupError(error, `server.listen: ${listen.host}:${listen.port}`)
  })
  const url = urlOf(app.server, server.tls === null ? 'http' : 'https')
  if (admin === null) return { url, admin: null }
  const isReady = async (): Promise<boolean> =>
    running.phase === 'serving' && (await auth.isReady())
  const deps = { isReady, metrics, openConsole }
  return {
    url,
    admin: await listenAdmin(admin.listen, deps).catch((error: unknown) => {
      throw toStartupError(error, `admin.listen: ${admin.listen.host}:${admin.listen.port}`)
    }),
  }
}

async function stop(
  running: Running,
  deps: RunDeps,
  sockets: ReturnType<typeof trackSockets>,
  admin: () => AdminListener | null,
): Promise<void> {
  const { app, auth, live, bus, issuers, clients, limiter, logger, audit } = deps
  const hasListened = app.server.listening
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
  await deps.tracer?.close()
  const listener = admin()
  if (listener !== null) {
    listener.console.close()
    await closeServer(listener.server)
  }
  deps.metrics.close()
  live.close()
  limiter.close()
  await issuers.close()
  await bus.close()
  await auth.close()
  if (hasListened) audit.say({ event: 'gateway.stopped', ...byItself() })
  await audit.close()
}

function byItself() {
  const outcome = 'success' as const
  return { outcome, actor: 'gateway', via: 'gateway', gatewayVersion: gatewayVersion() } as const
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

import type { FastifyBaseLogger } from 'fastify'
import { createGateway, type Gateway } from './gateway.ts'
import type { LoadedConfig } from './config/load.ts'
import { openProcessLog } from './ops/log.ts'
import { openTracer } from './ops/trace/open.ts'
import { gatewayVersion } from './ops/version.ts'

export interface RunOptions {
  readonly loaded: LoadedConfig
  /** Accept loopback names as `Host`, and log at `debug`. */
  readonly dev: boolean
}

export interface Started {
  readonly gateway: Gateway
  readonly logger: FastifyBaseLogger
}

/** Creates a gateway and starts it, saying where. Rejects with a `StartupError` when it cannot. */
export async function startGateway({ loaded, dev }: RunOptions): Promise<Started> {
  const log = openProcessLog(loaded.env['LOG_LEVEL'] ?? (dev ? 'debug' : 'info'))
  const { logger, access: accessLog, lost: linesLost } = log
  const { publicUrl } = loaded.config.server
  const version = gatewayVersion() ?? 'unknown'
  const tracer = await openTracer(loaded.env, { logger, version, publicUrl })
  const traced = tracer === null ? {} : { tracer }
  const options = { logger, accessLog, linesLost, dev, ...traced }
  const gateway = await createGateway(loaded.config, options)
  try {
    const { url, adminUrl } = await gateway.listen()
    logger.info({ listen: url, admin: adminUrl, publicUrl }, 'listening')
    return { gateway, logger }
  } catch (error) {
    await gateway.close()
    throw error
  }
}

/** Milliseconds in which V8's compiling threads come to rest: Node can hang when it exits while one waits for the main thread (nodejs/node#54918). */
const restMs = 50

/**
 * The first start. Until it has come to its end a signal ends the process at once: as PID 1 of a container it would hear none that it
 * did not ask for. Rejects as `startGateway` does.
 */
export async function startUnlessTold(options: RunOptions): Promise<Started> {
  const exit = (): void => {
    setTimeout(() => process.exit(0), restMs)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, exit)
  try {
    return await startGateway(options)
  } finally {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.off(signal, exit)
  }
}

/**
 * Waits for SIGTERM or SIGINT, then calls `close` and resolves when it has. SIGHUP calls `reload` until then. A second signal ends
 * the process at once. An exception that nobody caught ends it too, after it has been logged: a process in an unknown state must
 * not go on deciding who is who.
 */
export async function runUntilSignal(
  close: () => Promise<void>,
  reload: () => Promise<void>,
): Promise<void> {
  const onHangUp = (): void => void reload()
  process.on('SIGHUP', onHangUp)
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1))
        resolve()
      })
    }
  })
  process.off('SIGHUP', onHangUp)
  // Until the end: a shell that hangs up during the drain would otherwise cut it short.
  process.on('SIGHUP', () => undefined)
  await close()
}

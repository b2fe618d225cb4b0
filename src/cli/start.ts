import type { LoadedConfig } from '../config/load.ts'
import { StartupError } from '../errors/startup.ts'
import { runUntilSignal, startGateway, startUnlessTold, type Started } from '../main.ts'
import { configFile, loadAgain, loadFor, type ConfigOption } from './config.ts'
import { follow, type Follower } from '../lifecycle/follow.ts'

/** `sallyport start`: applies changes of its files as they come, and on SIGHUP. */
export async function runStart(options: ConfigOption): Promise<void> {
  const started = await startUnlessTold({ loaded: loadFor(options), dev: false })
  const follower = followFor(
    options,
    false,
    () => started,
    ({ config }) => {
      started.gateway.reload(config)
    },
  )
  await runUntilSignal(
    () => close(follower, () => started.gateway.close()),
    () => hangUp(follower, started),
  )
}

/** `sallyport dev`: the same, and restarts for what a running gateway cannot change; if that fails, the old one is back. */
export async function runDev(options: ConfigOption): Promise<void> {
  let applied = loadFor(options, true)
  let started = await startUnlessTold({ loaded: applied, dev: true })
  const restart = async (loaded: LoadedConfig): Promise<void> => {
    await started.gateway.close()
    try {
      started = await startGateway({ loaded, dev: true })
    } catch (error) {
      started = await startGateway({ loaded: applied, dev: true })
      throw error
    }
  }
  const current = (): Started => started
  const follower = followFor(options, true, current, async (loaded) => {
    try {
      started.gateway.reload(loaded.config)
    } catch (error) {
      if (!(error instanceof StartupError)) throw error
      await restart(loaded)
    }
    applied = loaded
  })
  await runUntilSignal(
    () => close(follower, () => started.gateway.close()),
    () => hangUp(follower, started),
  )
}

/** SIGHUP: files of logs may have been rotated, and those of the configuration are read. */
function hangUp(follower: Follower, { gateway }: Started): Promise<void> {
  gateway.audit.reopen()
  return follower.reload()
}

function followFor(
  options: ConfigOption,
  dev: boolean,
  current: () => Started,
  apply: (loaded: LoadedConfig) => void | Promise<void>,
): Follower {
  const file = configFile(options)
  const { logger } = current()
  return follow({
    load: (read) => loadAgain(options, dev, read),
    apply,
    onApplied: (fingerprint) => {
      logger.info({ file, fingerprint }, 'configuration applied')
      current().gateway.audit.say({ ...reloaded, outcome: 'success', fingerprint })
    },
    onRefused: (reason, fingerprint) => {
      logger.error({ file, reason }, 'configuration refused: the gateway goes on as it was')
      const { gateway } = current()
      gateway.reloadRefused(reason)
      const [problem = null] = reason.split('\n')
      const why = { reason: 'configuration_invalid', problem } as const
      gateway.audit.say({ ...reloaded, outcome: 'failure', fingerprint, ...why })
    },
  })
}

const reloaded = { event: 'configuration.reloaded', actor: 'operator', via: 'gateway' } as const

/** A change that is being applied comes first: what it starts must be closed too. */
async function close(follower: Follower, closeGateway: () => Promise<void>): Promise<void> {
  await follower.stop()
  await closeGateway()
}

import { unwatchFile, watchFile } from 'node:fs'
import type { LoadedConfig } from '../config/load.ts'
import type { Gateway } from '../gateway.ts'
import { runUntilSignal, startGateway } from '../main.ts'
import { configFile, loadFor, type ConfigOption } from './config.ts'

/** `sallyport start`. */
export async function runStart(options: ConfigOption): Promise<void> {
  const gateway = await startGateway({ loaded: loadFor(options), dev: false })
  await runUntilSignal(gateway)
}

/** `sallyport dev`: the same, made anew whenever the file changes; a file with problems leaves the old one running. */
export async function runDev(options: ConfigOption): Promise<void> {
  const start = (loaded: LoadedConfig): Promise<Gateway> => startGateway({ loaded, dev: true })
  let applied = loadFor(options, true)
  let gateway = await start(applied)
  const apply = async (loaded: LoadedConfig): Promise<void> => {
    await gateway.close()
    try {
      gateway = await start(loaded)
      applied = loaded
    } catch (error) {
      gateway = await start(applied)
      throw error
    }
  }
  let restarting = Promise.resolve()
  const file = configFile(options)
  watchFile(file, { interval: 500 }, () => {
    restarting = restarting.then(async () => {
      try {
        await apply(loadFor(options, true))
      } catch (error) {
        console.error((error as Error).message)
        console.error(`${file} was not applied; the gateway goes on as it was.`)
      }
    })
  })
  await runUntilSignal({
    listen: () => gateway.listen(),
    close: () => restarting.then(() => gateway.close()),
  })
  unwatchFile(file)
}

import { loadConfig, type LoadedConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import type { Read } from '../lifecycle/follow.ts'

export interface ConfigOption {
  readonly config?: string
}

/** The configuration file that a command means: its option, then the environment, then the default. */
export function configFile(options: ConfigOption): string {
  return options.config ?? process.env['SALLYPORT_CONFIG'] ?? 'gateway.config.yaml'
}

/** Loads the configuration of a command and says its warnings. Throws `ConfigError` with every problem. */
export function loadFor(options: ConfigOption, dev = false): LoadedConfig {
  const loaded = loadConfig({ file: configFile(options), env: process.env, dev })
  for (const warning of loaded.warnings) console.error(formatProblem(warning))
  return loaded
}

/** Loads it again through `read`, which knows what was read. Warnings were said at the start. */
export function loadAgain(options: ConfigOption, dev: boolean, read: Read): LoadedConfig {
  return loadConfig({ file: configFile(options), env: process.env, dev, read })
}

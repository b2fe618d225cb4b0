import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { displayPath } from '../session/sqlite/open.ts'
import { StartupError } from '../errors/startup.ts'
import type { AuthModuleOptions } from './index.ts'
import { refuseOwnedOptions } from './owned.ts'

/**
 * Imports the user's Better Auth options: the default export of a module, or what it returns when it is a function,
 * async or not. Options that the gateway decides are refused.
 *
 * Rejects with a `StartupError` of one sentence when the file is missing, cannot be read as a module, throws, has no
 * usable default export, or sets such an option. What is not checked: what the options do.
 *
 * @param path absolute
 */
export async function loadAuthModule(path: string): Promise<AuthModuleOptions> {
  const place = displayPath(path)
  if (!existsSync(path)) throw new StartupError(`auth.module: ${place} does not exist`)
  const exported = await importDefault(path, place)
  const options: unknown = typeof exported === 'function' ? await called(exported, place) : exported
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const advice = 'export your Better Auth options, or a function that returns them, as default'
    throw new StartupError(`auth.module: ${place} has no options: ${advice}`)
  }
  if ('handler' in options && 'api' in options) {
    const advice = 'export the options that you give to it'
    throw new StartupError(`auth.module: ${place} exports a betterAuth() instance: ${advice}`)
  }
  refuseOwnedOptions(options as Readonly<Record<string, unknown>>, place)
  return options
}

async function importDefault(path: string, place: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(path).href)) as { readonly default?: unknown }
    return module.default
  } catch (error) {
    throw new StartupError(`auth.module: ${place} cannot be loaded: ${firstLine(error)}`)
  }
}

async function called(make: unknown, place: string): Promise<unknown> {
  try {
    return await (make as () => unknown)()
  } catch (error) {
    throw new StartupError(`auth.module: the function of ${place} failed: ${firstLine(error)}`)
  }
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return text.split('\n', 1)[0] ?? text
}

import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { BetterAuthOptions } from 'better-auth'
import { StartupError } from '../../../errors/startup.ts'
import { refuseOwnedOptions } from './owned.ts'

/**
 * Loads the user's Better Auth options from `auth.module`: its default export, or what that returns when it is a function.
 * Throws a `StartupError` of one sentence when it cannot be loaded, or sets what the YAML owns or Better Auth does not know.
 */
export async function loadAuthModule(path: string | null): Promise<BetterAuthOptions> {
  if (path === null) return {}
  const exported = await importDefault(path)
  const options: unknown = await callIfFunction(path, exported)
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new StartupError(
      `auth.module: ${path} has no default export of Better Auth options (export default defineAuth({ … }))`,
    )
  }
  if ('handler' in options && 'api' in options) {
    throw new StartupError(
      `auth.module: ${path} exports a betterAuth() instance; export the options that you give to it`,
    )
  }
  refuseOwnedOptions(options as Readonly<Record<string, unknown>>, path)
  return options
}

async function importDefault(path: string): Promise<unknown> {
  if (!existsSync(path)) throw new StartupError(`auth.module: ${path} does not exist`)
  try {
    const module = (await import(pathToFileURL(path).href)) as { readonly default?: unknown }
    return module.default
  } catch (error) {
    throw new StartupError(`auth.module: cannot load ${path}: ${firstLine(error)}`)
  }
}

async function callIfFunction(path: string, exported: unknown): Promise<unknown> {
  if (typeof exported !== 'function') return exported
  try {
    return await (exported as () => unknown)()
  } catch (error) {
    throw new StartupError(`auth.module: ${path} failed: ${firstLine(error)}`)
  }
}

/** Whatever was thrown, in one line: users may throw anything. */
function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.trim().split('\n')[0] ?? text
}

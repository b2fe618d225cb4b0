import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { parseConfig } from './parse.ts'
import { ConfigError, type ConfigProblem } from './problem.ts'
import type { GatewayConfig } from './types.ts'
import type { TestConfig } from './types/test.ts'
import type { Lookup } from './yaml/references.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface LoadOptions {
  /** Path of the YAML file; messages name it like this. */
  readonly file: string
  /** The environment of the process; it wins over the `.env` beside the file. */
  readonly env: Environment
  /** Reads a file as text; throws as `readFileSync` does. */
  readonly read?: (path: string) => string
  /** Leaves out the warnings that only matter to others than the developer. */
  readonly dev?: boolean
  /** Adds the warnings that only `check --strict` gives. */
  readonly strict?: boolean
}

export interface LoadedConfig {
  /** Deeply frozen. */
  readonly config: GatewayConfig
  /** What the file says that its routes must do. */
  readonly tests: readonly TestConfig[]
  readonly warnings: readonly ConfigProblem[]
  /** The process environment over the `.env` file, with what was read through `…_FILE`. */
  readonly env: Environment
}

/**
 * Reads the configuration file, the `.env` beside it and the files that `…_FILE` variables name. Nothing else in the
 * gateway reads configuration or the environment. Relative paths are relative to the folder of the YAML file.
 * Not checked: whether the database, the module or the upstreams are there.
 * @throws ConfigError with every problem at once
 */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const { file, read = readText } = options
  const folder = dirname(resolve(file))
  const text = readOrRefuse(file, file, read)
  const env: Record<string, string | undefined> = {
    ...readDotEnv(join(folder, '.env'), file, read),
    ...options.env,
  }
  const { config, tests, problems } = parseConfig(text, {
    file,
    lookup: lookupIn(env, (path) => read(resolve(folder, path))),
    resolvePath: (path) => resolve(folder, path),
    strict: options.strict === true,
  })
  if (config === null) throw new ConfigError(problems)
  const warnings = options.dev === true ? problems.filter(mattersInDevelopment) : problems
  return { config, tests, warnings, env: Object.freeze(env) }
}

/** A developer's machine signs up freely and keeps no secret from its user. */
function mattersInDevelopment(problem: ConfigProblem): boolean {
  const key = problem.path.replace(/\[\d+\]$/, '')
  return !['auth.signUp', 'auth.secret', 'auth.pushSecret', 'bearer.secret', 'redis'].includes(key)
}

/** Looks a variable up, or reads the file that `NAME_FILE` names and keeps its content in `env`. */
function lookupIn(env: Record<string, string | undefined>, read: (path: string) => string): Lookup {
  const fromFiles = new Set<string>()
  return (name) => {
    const value = Object.hasOwn(env, name) ? env[name] : undefined
    const fileName = `${name}_FILE`
    const path = Object.hasOwn(env, fileName) ? env[fileName] : undefined
    if (path === undefined || path === '' || fromFiles.has(name)) return value
    if (value !== undefined && value !== '') {
      return { problem: `both ${name} and ${fileName} are set: remove one of them` }
    }
    try {
      const content = read(path).replace(/\r?\n$/, '')
      env[name] = content
      fromFiles.add(name)
      return content
    } catch (error) {
      return { problem: `the file that ${fileName} names cannot be read: ${reasonOf(error)}` }
    }
  }
}

function readDotEnv(path: string, file: string, read: (path: string) => string): Environment {
  try {
    return parseEnv(read(path))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return {}
    throw refusal(join(dirname(file), '.env'), reasonOf(error))
  }
}

function readOrRefuse(path: string, file: string, read: (path: string) => string): string {
  try {
    return read(path)
  } catch (error) {
    const hint = codeOf(error) === 'ENOENT' ? ' (name another with --config)' : ''
    throw refusal(file, `cannot be read: ${reasonOf(error)}${hint}`)
  }
}

function refusal(file: string, message: string): ConfigError {
  return new ConfigError([{ severity: 'error', file, line: null, column: null, path: '', message }])
}

function readText(path: string): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
}

function reasonOf(error: unknown): string {
  return reasons[codeOf(error) ?? ''] ?? 'reading failed'
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder, not a file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not valid UTF-8',
}

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { loadConfig, type Environment } from '../../config/load.ts'
import { ConfigError, type ConfigProblem } from '../../config/problem.ts'
import type { GatewayConfig } from '../../config/types.ts'

export interface Source {
  /** A file, or `-` for standard input. */
  readonly name: string
  /** The file beside which `.env` is, and to which relative paths are relative: the same for both sides. */
  readonly beside: string
  readonly env: Environment
}

export interface Compared {
  readonly config: GatewayConfig
  /** Variables without a value, for which something was made up: the same for the same name. */
  readonly assumed: readonly string[]
}

/**
 * Loads a configuration to compare it. A variable that it asks for and that has no value stops nobody: where configurations are
 * compared, secrets are seldom there. What is made up depends on the name alone, so that both sides get the same.
 *
 * Throws `ConfigError` with whatever else is wrong.
 */
export function loadToCompare(source: Source): Compared {
  const text = readFileSync(source.name === '-' ? 0 : source.name, 'utf8')
  const load = (assumed: Assumed): GatewayConfig | readonly ConfigProblem[] =>
    tryLoad(source, text, assumed)
  let assumed: Assumed = {}
  let result = load(assumed)
  for (;;) {
    const missing = Array.isArray(result) ? namesOf(result, assumed) : []
    if (missing.length === 0) break
    const more = missing.map((name) => [name, inventions(name)[0] ?? ''] as const)
    assumed = { ...assumed, ...Object.fromEntries(more) }
    result = load(assumed)
  }
  const config = isProblems(result) ? search(load, assumed, result) : result
  return { config, assumed: Object.keys(assumed) }
}

type Assumed = Readonly<Record<string, string>>
type Result = GatewayConfig | readonly ConfigProblem[]

function isProblems(result: Result): result is readonly ConfigProblem[] {
  return Array.isArray(result)
}

function tryLoad({ name, beside, env }: Source, text: string, assumed: Assumed): Result {
  const file = join(dirname(beside), name === '-' ? '-' : basename(name))
  const read = (path: string): string => (path === file ? text : readFileSync(path, 'utf8'))
  try {
    return loadConfig({ file, env: { ...env, ...assumed }, read }).config
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const shown = name === '-' ? 'standard input' : name
    return error.problems
      .filter(({ severity }) => severity === 'error')
      .map((problem) => (problem.file === file ? { ...problem, file: shown } : problem))
  }
}

/** The variables that have no value and none made up. */
function namesOf(problems: readonly ConfigProblem[], assumed: Assumed): readonly string[] {
  const names = problems.map(
    ({ message }) => /^the environment variable (\w+) is not set/.exec(message)?.[1],
  )
  return [...new Set(names)].filter(
    (name) => name !== undefined && !Object.hasOwn(assumed, name),
  ) as string[]
}

/** One name after the other, whatever of what can be made up leaves the fewest problems. */
function search(
  load: (assumed: Assumed) => Result,
  start: Assumed,
  problems: readonly ConfigProblem[],
): GatewayConfig {
  let [best, fewest] = [start, problems]
  for (const name of Object.keys(start)) {
    for (const value of inventions(name)) {
      const next = { ...best, [name]: value }
      const result = load(next)
      if (!isProblems(result)) return result
      if (result.length < fewest.length) [best, fewest] = [next, result]
    }
  }
  throw new ConfigError(fewest)
}

/** What a variable of this name could hold: a secret, an address of some kind, a number, an amount. */
function inventions(name: string): readonly string[] {
  const secret = createHash('sha256').update(name).digest('base64url')
  const host = `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.invalid`
  return [
    secret,
    `http://${host}`,
    `redis://${host}`,
    `postgres://${host}/${host}`,
    host,
    '10.0.0.0/8',
    '1',
    '8d',
    '1m',
    '1MB',
    'true',
  ]
}

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Test } from 'tap'
import { parseAllDocuments } from 'yaml'
import { run, type Ran } from '../cli/run.ts'
import { missing } from '../helper/servers/installed.ts'

export const root = join(import.meta.dirname, '../..')
export const deploy = join(root, 'deploy')

export interface Said {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs a program of the system to its end; null where it is not there, which has then been said. */
export function tool(
  t: Test,
  name: string,
  args: readonly string[],
  options: {
    readonly cwd?: string
    readonly package?: string
    readonly env?: NodeJS.ProcessEnv
  } = {},
): Said | null {
  const { cwd = root, env = process.env } = options
  const ran = spawnSync(name, args, { cwd, env, encoding: 'utf8' })
  if (ran.error !== undefined) {
    return missing(t, `no ${name}: install the package "${options.package ?? name}"`)
  }
  return { code: ran.status, out: ran.stdout, err: ran.stderr }
}

/** `sallyport check --strict` on a file, in an environment of its own. */
export function checkStrictly(file: string, env: Record<string, string>): Promise<Ran> {
  return run(root, ['check', '--strict', '--config', file], env)
}

/** Anything that YAML can hold, by keys. */
export type Mapping = Readonly<Record<string, unknown>>

export function documentsOf(text: string): readonly Mapping[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Mapping)
}

/** What a path of keys and indexes leads to; undefined where it leads nowhere. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (Object(inner) as Record<string | number, unknown>)[key],
    value,
  )
}

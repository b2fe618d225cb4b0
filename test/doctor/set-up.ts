import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { systemClock } from '../../src/clock.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { GatewayConfig } from '../../src/config/types.ts'
import type { NamedFinding } from '../../src/doctor/check.ts'
import { allChecks } from '../../src/doctor/checks.ts'
import type { DoctorOptions } from '../../src/doctor/context.ts'
import { runChecks } from '../../src/doctor/run.ts'
import { nobody } from '../../src/doctor/token/principal.ts'
import type { InstalledPackage } from '../../src/doctor/versions/installed.ts'
import { createLogger } from '../../src/ops/log.ts'
import { migrateDatabase } from '../../src/session/embedded/open.ts'
import { deaf } from '../../src/session/port.ts'
import { secrets } from '../cli/run.ts'

/** A configuration in a folder of its own, which is removed with the test. */
export interface SetUp {
  readonly folder: string
  /** As it would be loaded. @param changes sections that replace those of the set-up; null takes one away */
  readonly config: (changes?: Changes) => GatewayConfig
  /** Makes the tables, as an operator does. */
  readonly migrate: (changes?: Changes) => Promise<void>
  /** Runs every check. */
  readonly look: (asked?: Asked) => Promise<readonly NamedFinding[]>
}

export type Changes = Readonly<Record<string, string | null>>

export interface Asked extends Partial<DoctorOptions> {
  readonly changes?: Changes
  readonly env?: Readonly<Record<string, string>>
  readonly installed?: readonly InstalledPackage[]
}

// What hangs is told to hang for less.
const patientMs = 20_000

/** @param sections of the YAML by their names, in flow style; what every configuration needs is there */
export async function setUp(t: Test, sections: Changes): Promise<SetUp> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-doctor-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'gateway.config.yaml')
  const base: Changes = {
    server: '{ listen: "127.0.0.1:0", publicUrl: "http://localhost" }',
    admin: 'none',
    auth: '{ signUp: open, database: "sqlite:./auth.db" }',
    routes: '[{ name: api, match: { path: /api/* }, upstream: api }]',
    ...sections,
  }
  const load = (changes: Changes = {}, env: Readonly<Record<string, string>> = secrets) => {
    const all = Object.entries({ ...base, ...changes })
    const lines = all.flatMap(([name, text]) => (text === null ? [] : [`${name}: ${text}\n`]))
    writeFileSync(file, lines.join(''))
    return loadConfig({ file, env })
  }
  return {
    folder,
    config: (changes) => load(changes).config,
    migrate: async (changes) => {
      const parts = { logger: createLogger('silent'), clock: systemClock, listener: deaf }
      await migrateDatabase(load(changes).config, { ...parts, dryRun: false })
    },
    look: ({ changes, env, installed = [], ...options } = {}) => {
      const { config, warnings } = load(changes, env)
      const checks = allChecks({
        file: 'gateway.config.yaml',
        config,
        warnings,
        secretFiles: [],
        options: { paths: {}, user: nobody, isPublic: false, stepMs: patientMs, ...options },
        // A busy machine is no finding.
        slow: { applicationMs: Infinity, storeMs: Infinity },
        clock: systemClock,
        nodeVersion: process.version,
        installed: () => installed,
      })
      return runChecks(checks, 6 * patientMs)
    },
  }
}

/** That this is the one thing that is said to be wrong, in these words, with something to do about it. */
export function onlyWrong(
  t: Test,
  findings: readonly NamedFinding[],
  wanted: {
    readonly name: string
    readonly verdict: 'problem' | 'warning'
    readonly seen: RegExp
    readonly advice: RegExp
  },
): void {
  const wrong = findings.filter(({ verdict }) => verdict === 'problem' || verdict === 'warning')
  t.match(wrong, [wanted], JSON.stringify(wrong, null, 1))
  t.equal(wrong.length, 1)
}

/** That nothing is said to be wrong, and that these checks were really made. */
export function allSound(
  t: Test,
  findings: readonly NamedFinding[],
  made: readonly string[],
): void {
  const wrong = findings.filter(({ verdict }) => verdict === 'problem' || verdict === 'warning')
  t.strictSame(wrong, [])
  const fine = findings.filter(({ verdict }) => verdict === 'ok').map(({ name }) => name)
  t.strictSame(
    made.filter((name) => !fine.includes(name)),
    [],
    `made: ${fine.join(', ')}`,
  )
}

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { systemClock } from '../../clock.ts'
import type { LoadedConfig } from '../../config/load.ts'
import { ConfigError } from '../../config/problem.ts'
import type { Check } from '../../doctor/check.ts'
import { allChecks } from '../../doctor/checks.ts'
import { slowFor, type DoctorOptions } from '../../doctor/context.ts'
import { brokenConfigurationChecks } from '../../doctor/local/configuration.ts'
import { countVerdicts, toJson, toText } from '../../doctor/report.ts'
import { runChecks } from '../../doctor/run.ts'
import { nobody } from '../../doctor/token/principal.ts'
import { judgeNode, judgePackages } from '../../doctor/versions/check.ts'
import { installedPackages, type InstalledPackage } from '../../doctor/versions/installed.ts'
import { findMoreProblems } from '../check.ts'
import { configFile, loadAgain, type ConfigOption } from '../config.ts'

export interface DoctorCommandOptions extends ConfigOption {
  readonly path: Readonly<Record<string, string>>
  readonly user?: string
  readonly public?: boolean
  /** Milliseconds. */
  readonly timeout: number
  readonly strict?: boolean
  readonly format: 'text' | 'json'
}

/** A check takes several steps. */
const stepsPerCheck = 6
const root = join(import.meta.dirname, '..', '..', '..')

/** `sallyport doctor`: looks at everything that the gateway depends on, and changes nothing. Exit code 1 when there is a problem, or with `--strict` a warning. */
export async function runDoctor(options: DoctorCommandOptions): Promise<void> {
  const checks = prepareChecks(options)
  if (checks === null) return
  const findings = await runChecks(checks, options.timeout * stepsPerCheck)
  console.log(options.format === 'json' ? toJson(findings) : toText(findings))
  const { problem, warning } = countVerdicts(findings)
  process.exitCode = problem > 0 || (options.strict === true && warning > 0) ? 1 : 0
}

/** null: what was asked for makes no sense with this configuration, and that was said. */
function prepareChecks(options: DoctorCommandOptions): readonly Check[] | null {
  const file = configFile(options)
  const files: string[] = []
  const installed = (): readonly InstalledPackage[] => installedPackages(root)
  try {
    const loaded = loadAgain(options, false, (path) => readNoting(path, file, files))
    const more = findMoreProblems(loaded.config, file)
    if (more.length > 0) throw new ConfigError([...loaded.warnings, ...more])
    const unknown = unknownUpstream(options, loaded)
    if (unknown !== null) {
      console.error(`--path: there is no upstream ${unknown}`)
      process.exitCode = 2
      return null
    }
    return allChecks({
      file,
      config: loaded.config,
      warnings: loaded.warnings,
      secretFiles: files,
      options: toDoctorOptions(options),
      slow: slowFor(options.timeout),
      clock: systemClock,
      nodeVersion: process.version,
      installed,
    })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return [
      ...brokenConfigurationChecks(error.problems),
      { name: 'node', run: () => judgeNode(process.version) },
      { name: 'packages', run: () => judgePackages(installed(), systemClock.now()) },
    ]
  }
}

function toDoctorOptions(options: DoctorCommandOptions): DoctorOptions {
  return {
    paths: options.path,
    user: options.user ?? nobody,
    isPublic: options.public === true,
    stepMs: options.timeout,
  }
}

function unknownUpstream(
  { path }: DoctorCommandOptions,
  { config }: Pick<LoadedConfig, 'config'>,
): string | null {
  const known = Object.keys(config.upstreams)
  return Object.keys(path).find((name) => name !== '' && !known.includes(name)) ?? null
}

/** Reads a file of the configuration. What is not the YAML itself holds secrets: `.env`, and what `…_FILE` names. */
function readNoting(path: string, yaml: string, files: string[]): string {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
  if (resolve(path) !== resolve(yaml)) files.push(resolve(path))
  return text
}

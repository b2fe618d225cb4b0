import { readFileSync } from 'node:fs'
import { plan } from '../../attack/plan.ts'
import { json, junit, tap } from '../../attack/report/machine.ts'
import { countsOf, type Attack } from '../../attack/report/summary.ts'
import { text } from '../../attack/report/text.ts'
import { runCases } from '../../attack/run.ts'
import { aimAtRunning } from '../../attack/stage/running.ts'
import { openStage, type Range } from '../../attack/stage/stage.ts'
import { systemClock } from '../../clock.ts'
import type { GatewayConfig } from '../../config/types.ts'
import { readDocument } from '../../config/yaml/document.ts'
import type { Path } from '../../config/yaml/places.ts'
import { StartupError } from '../../errors/startup.ts'
import { configFile, loadFor, type ConfigOption } from '../config.ts'
import { wrongUsage } from '../explain/usage.ts'

export interface AttackOptions extends ConfigOption {
  readonly json?: true
  readonly tap?: true
  readonly junit?: true
  readonly only?: string
  readonly list?: true
  readonly running?: true
}

const usualRun = 'attack00'

/**
 * `sallyport attack`: fires the public hostile cases at a gateway of the configuration, and says what held. Exit code 1 when something did not; two formats at once,
 * `--only` without any case of that name, and an address that is not of this machine are wrong usage.
 */
export async function runAttack(options: AttackOptions): Promise<void> {
  const formats = [options.json, options.tap, options.junit].filter((each) => each === true)
  if (formats.length > 1) wrongUsage('one of --json, --tap and --junit')
  const { config } = loadFor(options)
  const range = await open(config, options)
  try {
    const { run } = range
    const planned = plan(range.ground, { only: options.only ?? null, run })
    if (planned.cases.length === 0)
      wrongUsage(`no case has ${JSON.stringify(options.only ?? '')} in its name`)
    if (options.list === true) {
      console.log(planned.cases.map(({ name, title }) => `${name}  ${title}`).join('\n'))
      return
    }
    const results = await runCases(planned.cases, range).catch(unreachable(range))
    const file = configFile(options)
    const { door, ground } = range
    const running = options.running === true ? `${door.host}:${String(door.port)}` : null
    const { unreached, leftOut } = planned
    const { masks } = ground.forge
    const attack = {
      file,
      running,
      run,
      results,
      unreached,
      leftOut,
      masks,
      placeOf: placesIn(file),
    }
    console.log(toText(attack, options))
    process.exitCode = countsOf(results).broken > 0 ? 1 : 0
  } finally {
    await range.close()
  }
}

/** Says of an error that nobody listens. */
function unreachable({ door: { host, port } }: Range): (error: unknown) => never {
  return (error) => {
    const { code } = error as NodeJS.ErrnoException
    throw new StartupError(`nobody answers at ${host}:${String(port)} (${String(code)})`)
  }
}

async function open(
  config: GatewayConfig,
  { running }: AttackOptions,
): Promise<Range & { readonly run: string }> {
  if (running !== true) return { ...(await openStage(config, systemClock)), run: usualRun }
  try {
    return aimAtRunning(config, systemClock)
  } catch (error) {
    if (error instanceof StartupError) return wrongUsage(error.message)
    throw error
  }
}

function toText(attack: Attack, options: AttackOptions): string {
  if (options.json === true) return json(attack)
  if (options.tap === true) return tap(attack)
  return options.junit === true ? junit(attack) : text(attack)
}

/** Where a key stands in the file, as `file:line`. */
function placesIn(file: string): Attack['placeOf'] {
  const { document } = readDocument(readFileSync(file, 'utf8'), () => undefined)
  return (key) => {
    if (document === null) return file
    const path: Path = key
      .split(/[.[\]]+/)
      .filter((part) => part !== '')
      .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
    return `${file}:${String(document.places.find(path, 'key').line)}`
  }
}

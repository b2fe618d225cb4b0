import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { verdictOf, type Findings } from './figures.ts'
import { toMarkdown } from './report.ts'
import { inLab, type Lab } from './system/lab.ts'
import { canPin, loadCpu, pinSelf } from './system/processes.ts'
import { describeVersions, findPrograms, type Programs } from './system/programs.ts'

/** A set of measurements that share their processes. */
export type Group = (lab: Lab, programs: Programs) => Promise<Findings>

const options = {
  assert: { type: 'boolean', default: false },
  only: { type: 'string', multiple: true, default: [] as string[] },
  rounds: { type: 'string', default: '7' },
  'node-flags': { type: 'string', default: '' },
} as const

/**
 * Runs groups one after another, prints what they found as Markdown and exits: 1 with `--assert` when a figure falls short of
 * its bound, or could not be measured and `BENCH_PEERS=required`; 2 for an unknown option or group.
 */
export async function runGroups(
  script: string,
  groups: Readonly<Record<string, Group>>,
): Promise<never> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  const { assert, only, rounds, nodeFlags } = readOptions(Object.keys(groups))
  const programs = await findPrograms()
  const notes: string[] = canPin ? [] : ['Processes could not be kept apart: read nothing into it.']
  const loadAverage = loadavg()[0] ?? NaN
  const found = new Map<string, Findings>()
  for (const [name, group] of Object.entries(groups)) {
    if (only.length > 0 && !only.includes(name)) continue
    console.error(`${name} …`)
    pinSelf(loadCpu)
    found.set(name, await inLab({ rounds, nodeFlags }, (lab) => group(lab, programs)))
  }
  const command = `npm run ${[script, ...argumentsOf()].join(' ')}`
  const versions = describeVersions(programs)
  console.log(toMarkdown(found, { command, versions, rounds, loadAverage, notes }))
  process.exit(isGoodEnough([...found.values()]) || !assert ? 0 : 1)
}

function isGoodEnough(findings: readonly Findings[]): boolean {
  const needsAll = process.env['BENCH_PEERS'] === 'required'
  let isGood = true
  for (const figure of findings.flatMap(({ figures }) => figures)) {
    const verdict = verdictOf(figure)
    if (verdict === 'missing')
      console.error(`not measured: ${figure.what}: ${figure.missing ?? ''}`)
    if (verdict === 'short') console.error(`falls short: ${figure.what}`)
    if (verdict === 'short' || (verdict === 'missing' && needsAll)) isGood = false
  }
  return isGood
}

function readOptions(names: readonly string[]): {
  readonly assert: boolean
  readonly only: readonly string[]
  readonly rounds: number
  readonly nodeFlags: readonly string[]
} {
  const { values } = parseArgs({ options })
  const rounds = Number(values.rounds)
  const unknown = values.only.find((name) => !names.includes(name))
  if (unknown !== undefined) leave(`no group "${unknown}"; there are ${names.join(', ')}`)
  if (!Number.isInteger(rounds) || rounds < 1) leave('--rounds takes a whole number')
  const nodeFlags = values['node-flags'].split(' ').filter((flag) => flag !== '')
  return { assert: values.assert, only: values.only, rounds, nodeFlags }
}

function leave(message: string): never {
  console.error(message)
  process.exit(2)
}

function argumentsOf(): readonly string[] {
  const given = process.argv.slice(2)
  return given.length === 0 ? [] : ['--', ...given]
}

// Takes one protection at a time out of a copy of the project and expects its tests to fail.
//   npm run test:mutants                      all of them
//   npm run test:mutants -- --only NAME       one, or several: NAME,NAME or a prefix ending in *
//   npm run test:mutants -- --list            what there is
//   npm run test:mutants -- --jobs 4          so many at once; two unless said otherwise
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { mutants } from './all.ts'
import { judgeMutant, type Mutant } from './mutant.ts'
import { createSandbox, type Red, type Sandbox } from './sandbox.ts'

const root = join(import.meta.dirname, '../..')
const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '2' },
  },
})

function chosen(): readonly Mutant[] {
  if (options.only === undefined) return mutants
  const wanted = options.only.split(',')
  return mutants.filter(({ name }) =>
    wanted.some((each) =>
      each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : each === name,
    ),
  )
}

function line(name: string, covers: readonly number[], rest: string): void {
  console.log(`${name.padEnd(34)} ${covers.join(' ').padEnd(12)} ${rest}`)
}

/** Gives each job to whichever sandbox is free. */
async function spread<T>(
  sandboxes: readonly Sandbox[],
  jobs: readonly T[],
  work: (sandbox: Sandbox, job: T) => Promise<void>,
): Promise<void> {
  const waiting = [...jobs]
  await Promise.all(
    sandboxes.map(async (sandbox) => {
      for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
        await work(sandbox, job)
      }
    }),
  )
}

async function main(): Promise<readonly string[]> {
  const selected = chosen()
  if (selected.length === 0) return [`there is no mutant ${options.only ?? ''}`]
  if (options.list) {
    for (const { name, covers, protection } of selected) line(name, covers, protection)
    return []
  }
  const stale = selected.flatMap((mutant) => {
    const problem = judgeMutant(mutant, root)
    return problem === null ? [] : [`${mutant.name} is stale: ${problem}`]
  })
  if (stale.length > 0) return stale
  const sandboxes = Array.from({ length: Number(options.jobs) }, () => createSandbox(root))
  try {
    return await judgeTests(sandboxes, selected)
  } finally {
    for (const { remove } of sandboxes) remove()
  }
}

/** The tests must pass without a mutant, and fail with each. */
async function judgeTests(
  sandboxes: readonly Sandbox[],
  selected: readonly Mutant[],
): Promise<readonly string[]> {
  const problems: string[] = []
  const tests = [...new Set(selected.flatMap((mutant) => mutant.tests))]
  console.log(`${tests.length} test files without a mutant`)
  await spread(sandboxes, tests, async (sandbox, test) => {
    const red = await sandbox.firstRed(null, [test])
    if (red !== null) problems.push(`${test} ${red.why} without a mutant:\n${red.output}`)
  })
  if (problems.length > 0) return problems
  await spread(sandboxes, selected, async (sandbox, mutant) => {
    const before = performance.now()
    const red: Red | null = await sandbox.firstRed(mutant, mutant.tests)
    const seconds = ((performance.now() - before) / 1000).toFixed(1)
    const result = red === null ? 'SURVIVED' : `${red.test} ${red.why}`
    line(mutant.name, mutant.covers, `${result} (${seconds} s)`)
    if (red === null) problems.push(`${mutant.name} survived: ${mutant.protection}`)
  })
  if (problems.length === 0) console.log(`all ${selected.length} mutants were noticed`)
  return problems
}

const problems = await main()
for (const problem of problems) console.error(problem)
process.exitCode = problems.length === 0 ? 0 : 1

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { mutants } from './all.ts'
import { judgeMutant } from './mutant.ts'

const root = join(import.meta.dirname, '../..')
const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')

t.test(
  'every mutant can still be made: its text occurs once, and its tests are there',
  async (t) => {
    t.same(
      mutants.flatMap((mutant) => {
        const problem = judgeMutant(mutant, root)
        return problem === null ? [] : [`${mutant.name}: ${problem}`]
      }),
      [],
    )
    t.equal(new Set(mutants.map(({ name }) => name)).size, mutants.length, 'names are used once')
  },
)

t.test('the list of cases names the mutants and tests that there are', async (t) => {
  const rows = [...readme.matchAll(/^\| (\d+) \|(.*)$/gm)].map(
    ([, number, rest = '']) => [Number(number), rest] as const,
  )
  t.same(
    rows.map(([number]) => number),
    Array.from({ length: 60 }, (_unused, index) => index + 1),
  )
  for (const [number, rest] of rows) {
    const named = [...rest.matchAll(/`([a-z0-9-]+)`/g)].map(([, name]) => name)
    const proving = mutants.filter(({ covers }) => covers.includes(number)).map(({ name }) => name)
    t.same(named.toSorted(), proving.toSorted(), `case ${number}`)
    for (const [, file = ''] of rest.matchAll(/`(test\/[^`*]+\.ts)`/g)) {
      t.doesNotThrow(() => readFileSync(join(root, file)), file)
    }
  }
})

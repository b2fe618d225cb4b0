// The examples say what they do: `sallyport test` passes in every file that has tests.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root } from '../cli/run.ts'
import { outputOf } from './cases.ts'

const examples = readdirSync(join(root, 'config/examples')).map((file) => `config/examples/${file}`)
const files = ['gateway.config.yaml', ...examples].filter((file) =>
  /^tests:/m.test(readFileSync(join(root, file), 'utf8')),
)

t.test('the demo and some of the examples have tests', async (t) => {
  t.ok(files.includes('gateway.config.yaml'))
  t.ok(files.length >= 3)
})

for (const file of files) {
  t.test(`${file} does what its tests say`, async (t) => {
    const { code, out } = await outputOf(['test', '--config', file], root)
    t.equal(code, 0, out)
    t.match(out, /^(?:[1-9]\d*) passed, 0 failed$/m)
  })
}

// The output on docs/attack.md is what the command prints for the demo. Written anew by `node test/attack/page.test.ts --write`.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { plan } from '../../src/attack/plan.ts'
import { text } from '../../src/attack/report/text.ts'
import { runCases } from '../../src/attack/run.ts'
import { openStage } from '../../src/attack/stage/stage.ts'
import { systemClock } from '../../src/clock.ts'
import { loadConfig } from '../../src/config/load.ts'
import { families } from '../../src/attack/case.ts'
import { secrets } from '../cli/run.ts'
import { root } from '../docs/pages.ts'
import { outputOf } from '../explain/cases.ts'
import { startNaive } from './parts.ts'

const file = join(root, 'docs/attack.md')
const shown = /<!-- attack -->\n\n```console\n\$ npx sallyport attack\n([^]*?)```\n/
const broken = /<!-- broken -->\n\n```text\n([^]*?)```\n/

/** The report of a proxy that hands everything on, for one case of the demo. */
async function brokenReport(): Promise<string> {
  const { config } = loadConfig({ file: join(root, 'gateway.config.yaml'), env: secrets })
  const range = await openStage(config, systemClock, (upstream) => startNaive(upstream))
  const { cases, ...rest } = plan(range.ground, { only: 'tokens/alg-none@api', run: 'attack00' })
  const results = await runCases(cases, range)
  await range.close()
  const { masks } = range.ground.forge
  const about = { file: 'gateway.config.yaml', running: null, run: 'attack00', placeOf: String }
  return text({ ...about, ...rest, results, masks })
}

if (process.argv.includes('--write')) {
  const { out } = await outputOf(['attack'], root)
  const report = await brokenReport()
  const page = readFileSync(file, 'utf8')
    .replace(
      shown,
      () => `<!-- attack -->\n\n\`\`\`console\n$ npx sallyport attack\n${out}\n\`\`\`\n`,
    )
    .replace(broken, () => `<!-- broken -->\n\n\`\`\`text\n${report}\n\`\`\`\n`)
  writeFileSync(file, page)
}

const page = readFileSync(file, 'utf8')

t.test('the page shows what the command prints for the demo', async (t) => {
  const { out, code } = await outputOf(['attack'], root)
  t.equal(`${out}\n`, shown.exec(page)?.[1])
  t.equal(code, 0)
})

t.test('the page shows what a case that is broken looks like', async (t) => {
  t.equal(`${await brokenReport()}\n`, broken.exec(page)?.[1])
})

t.test('the page names every family', async (t) => {
  const rows = [...page.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name)
  t.strictSame(rows, Object.keys(families))
})

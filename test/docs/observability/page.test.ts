import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { toLine } from '../../../src/ops/access/log.ts'
import { readAlerts } from '../../ops/prometheus/files.ts'
import { allMetrics } from './metrics.ts'
import { root } from '../pages.ts'

const page = readFileSync(join(root, 'docs/observability.md'), 'utf8')

/** The rows of the tables of a section, without their heads. */
function rowsOf(title: string): readonly string[] {
  const [, section = ''] = page.split(`\n## ${title}\n`)
  const [text = ''] = section.split('\n## ')
  return text.split('\n').filter((line) => line.startsWith('| `'))
}

t.test('every metric is in the table, with its type, its labels and what it is', async (t) => {
  const wanted = allMetrics().map(
    ({ name, type, labelNames, help }) =>
      `| \`${name}\` | ${type} | ${labelNames.map((label) => `\`${label}\``).join(' ')} | ${help} |`,
  )
  t.strictSame(rowsOf('Metrics'), wanted)
})

t.test('every alert has something to do', async (t) => {
  const named = rowsOf('Prometheus, alerts, Grafana').map((row) => row.split('`')[1])
  t.strictSame(
    named,
    readAlerts().map(({ alert }) => alert),
  )
})

t.test('every field of the access log is explained, and is in the example', async (t) => {
  const fields = Object.keys(toLine({ upstreamMs: null, traceId: null } as never))
  const [example = '{}'] = /^\{"level":30.*"msg":"request"\}$/m.exec(page) ?? []
  t.strictSame(Object.keys(JSON.parse(example) as object), ['level', 'time', ...fields, 'msg'])
  const explained = rowsOf('The access log').flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  )
  t.strictSame(explained.sort(), ['level', 'time', 'traceId', ...fields].sort())
})

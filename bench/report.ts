import { median, verdictOf, type Figure, type Findings, type Observations } from './figures.ts'

/** What is said above the table. */
export interface Circumstances {
  readonly command: string
  readonly versions: string
  readonly rounds: number
  /** Of the machine when it began; anything near one or above was not a quiet machine. */
  readonly loadAverage: number
  readonly notes: readonly string[]
}

/** The findings as Markdown, ready for `bench/README.md`. */
export function toMarkdown(
  groups: ReadonlyMap<string, Findings>,
  circumstances: Circumstances,
): string {
  const { command, versions, rounds, loadAverage, notes } = circumstances
  const date = new Date().toISOString().slice(0, 10)
  const findings = [...groups]
  return [
    `${date}, \`${command}\`. Medians of ${rounds} rounds, in brackets their range. ${versions}. Load average before: ${loadAverage.toFixed(2)}.`,
    ...notes,
    tableOf(
      ['what', 'measured', 'range', 'bound', 'wanted', ''],
      findings.flatMap(([, { figures }]) => figures.map(rowOf)),
    ),
    ...findings.flatMap(([name, { observations }]) =>
      observations === undefined ? [] : [`${name}:`, toTable(observations)],
    ),
  ].join('\n\n')
}

function rowOf(figure: Figure): readonly string[] {
  const { what, values, unit = '', missing, target } = figure
  const say = (value: number): string => `${round(value)}${unit === '' ? '' : ` ${unit}`}`
  const sign = target?.kind === 'least' ? '≥' : '≤'
  return [
    what,
    missing === undefined ? say(median(values)) : `not measured: ${missing}`,
    values.length > 1 ? `${round(Math.min(...values))} to ${round(Math.max(...values))}` : '',
    target === undefined ? '' : `${sign} ${say(target.bound)}`,
    target === undefined ? '' : say(target.wanted),
    { met: '', short: 'falls short', missing: 'missing', none: '' }[verdictOf(figure)],
  ]
}

function toTable({ head, rows }: Observations): string {
  return tableOf(head, rows)
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Three digits that mean something. */
export function round(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)
}

import { readFileSync } from 'node:fs'
import { compareConfigs, type Comparison } from '../../compare/compare.ts'
import type { Change } from '../../compare/change.ts'
import { TooManyClasses } from '../../compare/routes/classes.ts'
import { StartupError } from '../../errors/startup.ts'
import { configFile, type ConfigOption } from '../config.ts'
import { annotation } from './github.ts'
import { loadToCompare } from './load.ts'

export interface DiffOptions extends ConfigOption {
  readonly format: 'text' | 'json' | 'github'
  /** Ids of changes that loosen and are meant. */
  readonly accept?: readonly string[]
  readonly acceptFile?: string
}

/** A comparison with what of it somebody has said to be meant. */
export interface Verdict extends Comparison {
  /** What loosens and nobody has accepted. */
  readonly open: readonly Change[]
  readonly accepted: ReadonlySet<string>
}

/**
 * `sallyport diff OLD [NEW]`: exit code 1 when something loosens that was not accepted, 2 for wrong usage. `-` is standard
 * input. Throws `ConfigError` when one of them is no configuration.
 */
export function runDiff(old: string, next: string | undefined, options: DiffOptions): void {
  const after = next ?? configFile(options)
  if (old === '-' && after === '-') {
    console.error('only one of the two can be standard input')
    process.exitCode = 2
    return
  }
  const beside = after === '-' ? old : after
  const [a, b] = [old, after].map((name) => load(name, beside))
  if (a === undefined || b === undefined) return
  for (const name of new Set([...a.assumed, ...b.assumed])) {
    console.error(`${name} is not set: taken to be the same on both sides`)
  }
  const accepted = acceptedIds(options)
  const verdict = toVerdict(compare(a.config, b.config), accepted)
  for (const id of accepted) {
    if (!verdict.accepted.has(id)) console.error(`accepted, but nothing loosens so: ${id}`)
  }
  console.log(print(verdict, options.format, after))
  process.exitCode = verdict.open.length > 0 ? 1 : 0
}

function load(name: string, beside: string): ReturnType<typeof loadToCompare> {
  try {
    return loadToCompare({ name, beside, env: process.env })
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    throw new StartupError(`${name} cannot be read: ${String(error.code)}`)
  }
}

function compare(...configs: Parameters<typeof compareConfigs>): Comparison {
  try {
    return compareConfigs(...configs)
  } catch (error) {
    if (!(error instanceof TooManyClasses)) throw error
    throw new StartupError('the paths of the routes overlap in too many ways to be compared')
  }
}

/** One id a line; `#` begins a comment. */
function acceptedIds({ accept = [], acceptFile }: DiffOptions): readonly string[] {
  if (acceptFile === undefined) return accept
  let text
  try {
    text = readFileSync(acceptFile, 'utf8')
  } catch {
    throw new StartupError(`${acceptFile} cannot be read`)
  }
  const lines = text.split('\n').map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
  return [...accept, ...lines.filter((line) => line !== '')]
}

/** Accepts the changes that loosen and have one of these ids. */
export function toVerdict(comparison: Comparison, ids: readonly string[]): Verdict {
  const loosening = comparison.changes.filter(({ kind }) => kind === 'loosens')
  const accepted = loosening.map(({ id }) => id).filter((id) => ids.includes(id))
  const open = loosening.filter(({ id }) => !accepted.includes(id))
  return { ...comparison, open, accepted: new Set(accepted) }
}

/** @param file to which annotations belong */
export function print(verdict: Verdict, format: DiffOptions['format'], file: string): string {
  switch (format) {
    case 'text':
      return toText(verdict)
    case 'json':
      return toJson(verdict)
    case 'github':
      return toAnnotations(verdict, file)
  }
}

function toText({ changes, restart, accepted, open }: Verdict): string {
  if (changes.length === 0) return 'nothing that means anything is different'
  const lines = changes.flatMap(({ kind, id, message }) => [
    `${(accepted.has(id) ? 'accepted' : kind).padEnd(8)}  ${message}`,
    ...(kind === 'loosens' && !accepted.has(id) ? [`          accept: ${id}`] : []),
  ])
  const restarts =
    restart.length === 0
      ? []
      : [`restart   needed for ${restart.join(', ')}: a running gateway refuses this file`]
  const ending = open.length === 0 ? 'nothing loosens' : `${open.length} of them loosen`
  const of = accepted.size === 0 ? '' : `, ${accepted.size} accepted`
  return [...lines, ...restarts, '', `${changes.length} changes, ${ending}${of}`].join('\n')
}

function toJson({ changes, restart, accepted, open }: Verdict): string {
  const listed = changes.map((change) => ({ ...change, accepted: accepted.has(change.id) }))
  return JSON.stringify({ loosens: open.length > 0, restart, changes: listed }, null, 2)
}

function toAnnotations({ changes, restart, accepted }: Verdict, file: string): string {
  const lines = changes.map(({ kind, id, message }) => {
    const isOpen = kind === 'loosens' && !accepted.has(id)
    const title = `sallyport: ${accepted.has(id) ? 'accepted' : kind}`
    const hint = isOpen ? `\naccept: ${id}` : ''
    return annotation(isOpen ? 'error' : 'notice', file, title, message + hint)
  })
  if (restart.length > 0) {
    const message = `a running gateway refuses this file: ${restart.join(', ')}`
    lines.push(annotation('warning', file, 'sallyport: restart needed', message))
  }
  return lines.join('\n')
}

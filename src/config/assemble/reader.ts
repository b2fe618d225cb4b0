import type { z } from 'zod'
import type { ConfigProblem } from '../problem.ts'
import { knownKeys, referencingDefaults } from '../schema.ts'
import type { DocumentProblem, SourceDocument } from '../yaml/document.ts'
import { formatPath, pathKey, type Path } from '../yaml/places.ts'
import { expandReferences, type Lookup } from '../yaml/references.ts'
import { describeIssue, issuePaths } from './issues.ts'

/** A problem of the YAML in the form that all problems have. */
export function toConfigProblem(problem: DocumentProblem, file: string): ConfigProblem {
  const { path, place, message } = problem
  return { severity: 'error', file, ...place, path: formatPath(path), message }
}

/** One document being read: gives out parsed parts and gathers every problem on the way. */
export class DocumentReader {
  readonly #document: SourceDocument
  readonly #file: string
  readonly #problems: ConfigProblem[] = []
  /** Values that are already known to be wrong: nothing more is said about them. */
  readonly #broken = new Set<string>()
  /** Defaults that came from the environment, by path key. */
  readonly #defaulted = new Map<string, string>()

  constructor(document: SourceDocument, problems: readonly DocumentProblem[], file: string) {
    this.#document = document
    this.#file = file
    for (const problem of problems) {
      this.#broken.add(pathKey(problem.path))
      this.#problems.push(toConfigProblem(problem, file))
    }
  }

  /** Writes the defaults that refer to the environment into the data, as if they stood in the file. */
  fillDefaults(lookup: Lookup): void {
    const isRemote = this.valueAt(['auth', 'mode']) === 'remote'
    for (const { path, text } of referencingDefaults(isRemote)) {
      const [section = '', key = ''] = path.map(String)
      const parent = this.#sectionFor(section)
      if (parent === null || key in parent) continue
      const expanded = expandReferences(text, lookup)
      for (const message of expanded.problems) this.error(path, message)
      if (expanded.text === null) {
        this.#broken.add(pathKey(path))
        continue
      }
      parent[key] = expanded.text
      this.#defaulted.set(pathKey(path), text)
    }
  }

  #sectionFor(section: string): Record<string, unknown> | null {
    const root = this.#document.data as Record<string, unknown>
    if (!(section in root)) root[section] = Object.create(null)
    return this.isMapping([section]) ? (root[section] as Record<string, unknown>) : null
  }

  /** Parses the value at a path. null: it is wrong, and its problems have been noted. */
  read<S extends z.ZodType>(schema: S, path: Path): z.output<S> | null {
    let result = schema.safeParse(this.valueAt(path))
    if (!result.success && this.#restoreTexts(result.error.issues, path)) {
      result = schema.safeParse(this.valueAt(path))
    }
    if (result.success) return result.data
    const written = { valueAt: (of: Path) => this.valueAt(of), knownKeys }
    for (const issue of result.error.issues) {
      for (const complaint of describeIssue(issue, path, written)) {
        this.#add('error', complaint.path, complaint.message, complaint.at)
      }
    }
    return null
  }

  /**
   * A variable that looks like a number was made one; where the schema wants a text it stays the text it was, or
   * `secret: ${JWT_SECRET}` would fail on the day a secret has only digits.
   */
  #restoreTexts(issues: readonly z.core.$ZodIssue[], base: Path): boolean {
    let isChanged = false
    for (const path of issues.flatMap((issue) => issuePaths(issue, base))) {
      const text = this.#document.retyped.get(pathKey(path))
      const last = path.at(-1)
      const parent = this.valueAt(path.slice(0, -1))
      if (text === undefined || last === undefined) continue
      ;(parent as Record<string | number, unknown>)[last] = text
      isChanged = true
    }
    return isChanged
  }

  /** The value at a path, undefined where there is none. */
  valueAt(path: Path): unknown {
    let value: unknown = this.#document.data
    for (const part of path) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part))
        return undefined
      value = (value as Record<string | number, unknown>)[part]
    }
    return value
  }

  isMapping(path: Path): boolean {
    const value = this.valueAt(path)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  }

  /** The keys of the mapping at a path, in the order of the file; none where there is no mapping. */
  keysAt(path: Path): readonly string[] {
    return this.isMapping(path) ? Object.keys(this.valueAt(path) as object) : []
  }

  /** Whether the value stands in the file itself, not in the environment. */
  isLiteral(path: Path): boolean {
    const key = pathKey(path)
    return !this.#document.referenced.has(key) && !this.#defaulted.has(key)
  }

  /** Whether the file says something about this key. */
  isWritten(path: Path): boolean {
    return this.valueAt(path) !== undefined && !this.#defaulted.has(pathKey(path))
  }

  lineOf(path: Path): number {
    return this.#document.places.find(path, 'value').line
  }

  error(path: Path, message: string, at: 'key' | 'value' = 'value'): void {
    this.#add('error', path, message, at)
  }

  warn(path: Path, message: string): void {
    this.#add('warning', path, message, 'value')
  }

  #add(severity: 'error' | 'warning', path: Path, message: string, at: 'key' | 'value'): void {
    if (this.#broken.has(pathKey(path))) return
    const preset = this.#defaulted.get(pathKey(path))
    const note = preset === undefined || severity === 'warning' ? '' : ` (default: ${preset})`
    const place = this.#document.places.find(path, at)
    this.#problems.push({
      severity,
      file: this.#file,
      ...place,
      path: formatPath(path),
      message: message + note,
    })
  }

  /** Everything that was noted, in the order of the file. */
  problems(): readonly ConfigProblem[] {
    return this.#problems.toSorted(
      (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
    )
  }
}

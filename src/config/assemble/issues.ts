import type { z } from 'zod'
import type { Path } from '../yaml/places.ts'
import { suggest } from '../yaml/suggest.ts'

/** A complaint of the schema in our words. */
export interface Complaint {
  readonly path: Path
  readonly message: string
  /** Unknown keys are shown where the key stands, everything else where the value stands. */
  readonly at: 'key' | 'value'
}

/** How complaints look at what was written: values for suggestions (never to print them), keys that are known. */
export interface Written {
  readonly valueAt: (path: Path) => unknown
  readonly knownKeys: (path: Path) => readonly string[]
}

type Issue = z.core.$ZodIssue

/** Puts one issue of the schema into words. `base` is the path of the value that was checked. */
export function describeIssue(issue: Issue, base: Path, written: Written): Complaint[] {
  const path = [...base, ...toPath(issue.path)]
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => describeKey(path, key, written))
  }
  if (issue.code === 'invalid_key') {
    return [describeKey(path.slice(0, -1), String(path.at(-1)), written)]
  }
  if (issue.code === 'invalid_union') return describeUnion(issue, path, written)
  const value = written.valueAt(path)
  if (issue.code === 'invalid_type') return [complain(path, describeType(issue.expected, value))]
  if (issue.code === 'invalid_value') {
    if (value === undefined) return [complain(path, 'this key is required')]
    return [complain(path, issue.message + suggestFor(value, wordsOf(issue)))]
  }
  if (issue.code === 'too_small') return [complain(path, describeEmpty(issue))]
  return [complain(path, issue.message)]
}

function wordsOf(issue: z.core.$ZodIssueInvalidValue): string[] {
  return issue.values.filter((value) => typeof value === 'string')
}

/** Every path that an issue speaks of, with those of the branches of a union. */
export function issuePaths(issue: Issue, base: Path): Path[] {
  const path = [...base, ...toPath(issue.path)]
  if (issue.code !== 'invalid_union') return [path]
  return [path, ...issue.errors.flat().flatMap((inner) => issuePaths(inner, path))]
}

/** The branch that was meant is the one whose kind of value fits; its issues are worth more than "no branch fits". */
function describeUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  path: Path,
  written: Written,
): Complaint[] {
  const fitting = issue.errors.filter((branch) => !branch.some(isMismatch))
  const [meant] = fitting
  if (meant !== undefined && fitting.length === 1) {
    return meant.flatMap((inner) => describeIssue(inner, path, written))
  }
  const value = written.valueAt(path)
  if (value === undefined) return [complain(path, 'this key is required')]
  const ofWords = issue.errors.flat().filter((inner) => inner.code === 'invalid_value')
  const words = ofWords.flatMap((inner) => wordsOf(inner))
  return [complain(path, `${issue.message}${suggestFor(value, words) || gotInstead(value)}`)]
}

function isMismatch(issue: Issue): boolean {
  return (
    issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
  )
}

function describeKey(parent: Path, key: string, written: Written): Complaint {
  const suggestion = suggest(key, written.knownKeys(parent))
  return { path: [...parent, key], message: `unknown key${suggestion}`, at: 'key' }
}

function describeType(expected: string, value: unknown): string {
  if (value === undefined) return 'this key is required'
  if (expected === 'int' && typeof value === 'number') return 'expected a whole number'
  const hint =
    expected === 'string' && (typeof value === 'number' || typeof value === 'boolean')
      ? ': put it in quotes'
      : ''
  return `expected ${kindNames[expected] ?? expected}${gotInstead(value)}${hint}`
}

const kindNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
}

function gotInstead(value: unknown): string {
  if (value === null) return ', got nothing'
  if (Array.isArray(value)) return ', got a list'
  return `, got ${kindNames[typeof value] ?? 'something else'}`
}

function describeEmpty(issue: z.core.$ZodIssueTooSmall): string {
  if (issue.origin === 'array') return 'the list is empty: it needs at least one item'
  return issue.message.startsWith('Too small') ? 'the text is empty' : issue.message
}

function suggestFor(value: unknown, words: readonly string[]): string {
  return typeof value === 'string' ? suggest(value, words) : ''
}

function toPath(path: readonly PropertyKey[]): Path {
  return path.map((part) => (typeof part === 'number' ? part : String(part)))
}

function complain(path: Path, message: string): Complaint {
  return { path, message, at: 'value' }
}

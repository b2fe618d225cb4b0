import { existsSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'

/** One protection taken away, and the tests that must notice. */
export interface Mutant {
  /** Kebab case, used once. */
  readonly name: string
  /** What the code does that the mutant no longer does. */
  readonly protection: string
  /** Relative to the root of the project, like the tests. */
  readonly file: string
  /** Occurs exactly once in the file. Short, so that other changes to the file leave it alone. */
  readonly find: string
  readonly replace: string
  /** At least one of them must fail. */
  readonly tests: readonly string[]
  /** Numbers of the case list in README.md. */
  readonly covers: readonly number[]
}

/** Says why a mutant cannot be applied to the tree below `root`, or null. */
export function judgeMutant(mutant: Mutant, root: string): string | null {
  const { file, find, replace, tests } = mutant
  if (!existsSync(join(root, file))) return `there is no ${file}`
  const missing = tests.find((test) => !existsSync(join(root, test)))
  if (missing !== undefined) return `there is no ${missing}`
  if (tests.length === 0) return 'it names no test'
  if (find === replace) return 'it changes nothing'
  const text = readFileSync(join(root, file), 'utf8')
  const times = text.split(find).length - 1
  if (times !== 1) return `its text occurs ${times} times in ${file}: ${JSON.stringify(find)}`
  return isTypeScript(mutate(mutant, text)) ? null : 'what it makes is no TypeScript'
}

/** The file without its protection. */
export function mutate({ find, replace }: Mutant, text: string): string {
  // A function, because in a replacement text `$` is special.
  return text.replace(find, () => replace)
}

// A file that cannot be read at all would fail every test and prove nothing.
function isTypeScript(text: string): boolean {
  try {
    stripTypeScriptTypes(text)
    return true
  } catch {
    return false
  }
}

/** What a change does to who may do what, and how much of it. */
export type ChangeKind = 'loosens' | 'tightens' | 'changes'

/** One thing that is different. */
export interface Change {
  readonly kind: ChangeKind
  /** The same for the same change, whatever else the files say: what `--accept` names. Holds no secret. */
  readonly id: string
  /** The key that an operator would look for, such as `auth.signUp` or `auth.roles`. */
  readonly key: string
  /** What is concerned: `GET /api/reports/*`, `route api`; empty for what concerns the whole gateway. */
  readonly where: string
  /** One sentence. Holds no secret and no digest of one. */
  readonly message: string
  /** A running gateway refuses a reload that brings this. */
  readonly restart: boolean
}

/** A difference before it is known where it applies. */
export interface Finding {
  readonly kind: ChangeKind
  readonly key: string
  /** What of the new state makes it this change and no other: `=none`, `+admin`, `-admin`. */
  readonly mark: string
  /** The sentence; `where` is what is concerned, as it stands in a text. */
  readonly say: (where: string) => string
}

/**
 * The change that a finding is at a place.
 * @param where as people read it, without quotes; empty: the whole gateway
 * @param shown as it stands in the sentence
 */
export function toChange(finding: Finding, where = '', shown = where): Change {
  const { kind, key, mark, say } = finding
  const id = `${key}${mark}${where === '' ? '' : ` ${where}`}`
  return { kind, id, key, where, message: say(shown), restart: false }
}

/** Whether two values of a configuration are the same. The order of keys does not count, that of lists does. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  const other = b as Record<string, unknown>
  if (keys.length !== Object.keys(b).length) return false
  return keys.every(
    (key) => Object.hasOwn(b, key) && isSame((a as Record<string, unknown>)[key], other[key]),
  )
}

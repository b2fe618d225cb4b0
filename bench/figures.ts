/** One line of the table: a figure of every round, and what it is held against. */
export interface Figure {
  readonly what: string
  /** One per round, oldest first. Empty: it could not be measured, and `missing` says why. */
  readonly values: readonly number[]
  readonly unit?: 'ms' | 'µs' | 'MB' | 'kB'
  readonly missing?: string
  readonly target?: Target
}

/** `least` may not be fallen short of (ratios), `most` not exceeded (times, memory). */
export type Target =
  | { readonly kind: 'least'; readonly bound: number; readonly wanted: number }
  | { readonly kind: 'most'; readonly bound: number; readonly wanted: number }

/** What a group of measurements found. */
export interface Findings {
  readonly figures: readonly Figure[]
  /** Absolute numbers of this run, for the reader: they do not compare with those of another. */
  readonly observations?: Observations
}

export interface Observations {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export function least(bound: number, wanted: number): Target {
  return { kind: 'least', bound, wanted }
}

export function most(bound: number, wanted: number): Target {
  return { kind: 'most', bound, wanted }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}

/** `fraction` of the values are not above it. Sorts in place where it is given a typed array, and copies otherwise. */
export function percentile(values: readonly number[] | Float64Array, fraction: number): number {
  const sorted = values instanceof Float64Array ? values.sort() : values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? NaN
}

/** Round by round: neighbours in time are compared, so that a slow minute of the machine hits both. */
export function ratios(of: readonly number[], to: readonly number[]): readonly number[] {
  return of.map((value, round) => value / (to[round] ?? NaN))
}

/** Round by round, as `ratios`. */
export function differences(of: readonly number[], to: readonly number[]): readonly number[] {
  return of.map((value, round) => value - (to[round] ?? NaN))
}

export type Verdict = 'met' | 'short' | 'missing' | 'none'

/** Whether the median keeps to its bound. What is not a number falls short. */
export function verdictOf({ values, target, missing }: Figure): Verdict {
  if (target === undefined) return 'none'
  if (missing !== undefined) return 'missing'
  const value = median(values)
  const met = target.kind === 'least' ? value >= target.bound : value <= target.bound
  return met ? 'met' : 'short'
}

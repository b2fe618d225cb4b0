import { closest, distance } from 'fastest-levenshtein'

/** `, did you mean "…"?` for the candidate that is close enough to be a slip of the fingers, else an empty string. */
export function suggest(written: string, candidates: readonly string[]): string {
  if (written === '' || written.length > 64 || candidates.length === 0) return ''
  const lower = written.toLowerCase()
  const byLower = new Map(candidates.map((candidate) => [candidate.toLowerCase(), candidate]))
  const nearest = closest(lower, [...byLower.keys()])
  // Two, so that swapped letters ("opne") count as one slip.
  const allowed = lower.length < 4 ? 1 : Math.max(2, Math.floor(lower.length / 3))
  return distance(lower, nearest) <= allowed
    ? `, did you mean ${JSON.stringify(byLower.get(nearest))}?`
    : ''
}

import { families, type FamilyName, type Finding, type Result } from '../case.ts'
import type { Masks } from '../stage/masks.ts'

/** What was fired, and at what. */
export interface Attack {
  /** The configuration, as it was named. */
  readonly file: string
  /** Where the gateway listens that is somebody's own; null: one was made for it. */
  readonly running: string | null
  /** With what every `X-Request-Id` begins. */
  readonly run: string
  readonly results: readonly Result[]
  readonly unreached: readonly string[]
  /** Cases that only a gateway made for it is asked. */
  readonly leftOut: number
  readonly masks: Masks
  /** `gateway.config.yaml:31` for `routes[2].enforce`. */
  readonly placeOf: (key: string) => string
}

export type Counts = Readonly<Record<Finding['verdict'], number>>

export function countsOf(results: readonly Result[]): Counts {
  const counts = { held: 0, broken: 0, open: 0, 'not judged': 0 }
  for (const { finding } of results) counts[finding.verdict] += 1
  return counts
}

export function byFamily(
  results: readonly Result[],
): readonly (readonly [FamilyName, readonly Result[]])[] {
  return (Object.keys(families) as FamilyName[])
    .map((family) => [family, results.filter((each) => each.case.family === family)] as const)
    .filter(([, own]) => own.length > 0)
}

/** What to do about a broken case. */
export const advice =
  'report it as SECURITY.md says, with what is shown here; until then close the route, or keep the application unreachable from outside'

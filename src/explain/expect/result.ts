import type { Explanation } from '../explanation.ts'
import { renderExplanation } from '../text/render.ts'
import type { Difference } from './compare.ts'

/** What became of one test. */
export interface TestResult {
  readonly name: string
  /** `gateway.config.yaml:40` */
  readonly place: string
  readonly differences: readonly Difference[]
  readonly explanation: Explanation
}

export function hasPassed({ differences }: TestResult): boolean {
  return differences.length === 0
}

/** `route: expected api, got app` */
export function differenceTexts({ differences }: TestResult): readonly string[] {
  return differences.map(
    ({ what, expected, actual }) => `${what}: expected ${expected}, got ${actual}`,
  )
}

/** Of the explanation what tells why: all but what would be written to whom. */
export function whyTexts({ explanation }: TestResult): readonly string[] {
  const [, lines = ''] = renderExplanation(explanation).split('\n\n')
  return lines
    .split('\n')
    .filter((line) => /^(?:decision|observed|route|not|credential|caller| )/.test(line))
}

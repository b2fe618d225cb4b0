import { junit } from './junit.ts'
import { tapOf, yamlString } from './tap.ts'
import { differenceTexts, hasPassed, whyTexts, type TestResult } from './result.ts'

export type ReportFormat = 'text' | 'tap' | 'junit'

/** The results of all tests as a text that ends without a newline. */
export function report(results: readonly TestResult[], format: ReportFormat): string {
  switch (format) {
    case 'text':
      return plain(results)
    case 'tap':
      return tap(results)
    case 'junit':
      return junit(results)
  }
}

function plain(results: readonly TestResult[]): string {
  const failed = results.filter((result) => !hasPassed(result)).length
  const lines = results.flatMap((result) =>
    hasPassed(result)
      ? [`ok    ${result.name}`]
      : [
          `FAIL  ${result.name}`,
          `      ${result.place}`,
          ...differenceTexts(result).map((text) => `      ${text}`),
          ...whyTexts(result).map((text) => `      | ${text}`),
        ],
  )
  return [...lines, '', `${results.length - failed} passed, ${failed} failed`].join('\n')
}

function tap(results: readonly TestResult[]): string {
  return tapOf(
    results.map((result) => ({
      name: result.name,
      skipped: null,
      failure: hasPassed(result)
        ? null
        : [
            `at: ${yamlString(result.place)}`,
            'differences:',
            ...differenceTexts(result).map((text) => `  - ${yamlString(text)}`),
            'explanation:',
            ...whyTexts(result).map((text) => `  - ${yamlString(text)}`),
          ],
    })),
  )
}

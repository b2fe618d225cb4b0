import { junit } from './junit.ts'
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

/** TAP version 14, with a YAML block for what failed. */
function tap(results: readonly TestResult[]): string {
  const lines = results.flatMap((result, index) => {
    const name = result.name.replaceAll(/[\\#]/g, (special) => `\\${special}`)
    const point = `${index + 1} - ${name.replaceAll(/\s+/g, ' ')}`
    if (hasPassed(result)) return [`ok ${point}`]
    const block = [
      `at: ${JSON.stringify(result.place)}`,
      'differences:',
      ...differenceTexts(result).map((text) => `  - ${JSON.stringify(text)}`),
      'explanation:',
      ...whyTexts(result).map((text) => `  - ${JSON.stringify(text)}`),
    ]
    return [`not ok ${point}`, ...['---', ...block, '...'].map((line) => `  ${line}`)]
  })
  return ['TAP version 14', `1..${results.length}`, ...lines].join('\n')
}

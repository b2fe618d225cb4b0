import { differenceTexts, hasPassed, whyTexts, type TestResult } from './result.ts'

/** The results as JUnit XML, in the form that GitHub, GitLab and Jenkins read. No times: nothing was measured. */
export function junit(results: readonly TestResult[]): string {
  const failures = results.filter((result) => !hasPassed(result)).length
  const counts = `tests="${results.length}" failures="${failures}" errors="0"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="sallyport" ${counts} skipped="0">`,
    ...results.map(testCase),
    '  </testsuite>',
    '</testsuites>',
  ].join('\n')
}

function testCase(result: TestResult): string {
  const [file = '', line = ''] = /^(.*):(\d+)$/.exec(result.place)?.slice(1) ?? []
  const open = `    <testcase name="${attribute(result.name)}" classname="sallyport" file="${attribute(file)}" line="${line}"`
  if (hasPassed(result)) return `${open}/>`
  const differences = differenceTexts(result)
  const text = [result.place, ...differences, '', ...whyTexts(result)].join('\n')
  return [
    `${open}>`,
    `      <failure message="${attribute(differences.join('; '))}">${content(text)}</failure>`,
    '    </testcase>',
  ].join('\n')
}

/** XML 1.0 §2.2: most control characters cannot be written at all. */
function content(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}

/** §3.3.3: a line end in an attribute would become a blank. */
function attribute(text: string): string {
  return content(text)
    .replaceAll('"', '&quot;')
    .replaceAll(/[\t\n\r]/g, ' ')
}

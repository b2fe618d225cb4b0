import { differenceTexts, hasPassed, whyTexts, type TestResult } from './result.ts'

/** A case in JUnit XML. */
export interface JunitCase {
  readonly name: string
  readonly className: string
  /** Where it is written; line in text. */
  readonly place: { readonly file: string; readonly line: string } | null
  /** null: it has not failed. */
  readonly failure: { readonly message: string; readonly text: string } | null
  /** Why nobody can tell; null: somebody can. */
  readonly skipped: string | null
}

/** The results as JUnit XML, in the form that GitHub, GitLab and Jenkins read. No times: nothing was measured. */
export function junit(results: readonly TestResult[]): string {
  return junitOf(results.map(toCase))
}

/** Cases of any kind as JUnit XML. */
export function junitOf(cases: readonly JunitCase[]): string {
  const failures = cases.filter(({ failure }) => failure !== null).length
  const skipped = cases.filter((each) => each.skipped !== null).length
  const counts = `tests="${cases.length}" failures="${failures}" errors="0"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="sallyport" ${counts} skipped="${skipped}">`,
    ...cases.map(testCase),
    '  </testsuite>',
    '</testsuites>',
  ].join('\n')
}

function toCase(result: TestResult): JunitCase {
  const { name, place } = result
  const [file = '', line = ''] = /^(.*):(\d+)$/.exec(place)?.slice(1) ?? []
  const differences = differenceTexts(result)
  const text = [place, ...differences, '', ...whyTexts(result)].join('\n')
  const failure = hasPassed(result) ? null : { message: differences.join('; '), text }
  return { name, className: 'sallyport', place: { file, line }, failure, skipped: null }
}

function testCase({ name, className, place, failure, skipped }: JunitCase): string {
  const at = place === null ? '' : ` file="${attribute(place.file)}" line="${place.line}"`
  const open = `    <testcase name="${attribute(name)}" classname="${attribute(className)}"${at}`
  if (failure !== null) {
    const said = `      <failure message="${attribute(failure.message)}">${content(failure.text)}</failure>`
    return [`${open}>`, said, '    </testcase>'].join('\n')
  }
  if (skipped === null) return `${open}/>`
  const said = `      <skipped message="${attribute(skipped)}"/>`
  return [`${open}>`, said, '    </testcase>'].join('\n')
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

// What `sallyport test` writes for other programs, read by other programs.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Parser } from 'tap-parser'
import { pythonEval } from '../fastapi/python.ts'
import { outputOf } from './cases.ts'

const names = [
  'plain',
  '',
  '<a b="c" d=\'e\'>&amp;</a>',
  'ends too early ]]> or not <![CDATA[',
  `controls ${String.fromCodePoint(...Array.from({ length: 32 }, (_, code) => code), 0x7f, 0x85)}`,
  'lone \ud800 and \udfff, a pair \u{1f6aa}, no characters \ufffe \uffff',
  'lines\nnot ok 99 - made up\r\nok 98 - made up\u2028ok 97',
  '# TODO nothing failed # SKIP here \\# \\',
  '1..2',
  'Bail out!',
  'pragma +strict',
  '  ---\n  ...\n',
  'x'.repeat(2000),
  'right to left \u202e and \u0000 nothing',
]

/** Every name once for what passes, and once for what does not. */
function writeTests(folder: string): number {
  const tests = names.flatMap((name, index) => {
    const known = { request: `GET /api/${String(index)}`, name: `${name}${String(index)}` }
    const hostile = { ...known, request: { path: '/api/x', headers: { 'X-Odd': 'a]]>"\'<&' } } }
    return [
      { ...known, expect: { code: 'credential_missing' } },
      {
        ...hostile,
        name: `${name} not`,
        expect: { decision: 'forward', token: { sub: 'odd <]]>"&' }, path: name },
      },
    ]
  })
  const file = [
    'version: 1',
    'auth: { secret: "${BETTER_AUTH_SECRET}", signUp: closed }',
    'bearer: { secret: "${JWT_SECRET}" }',
    'upstreams: { api: "http://127.0.0.1:8000" }',
    'routes:',
    '  - { name: api, match: { path: /api/* }, upstream: api }',
    `tests: ${JSON.stringify(tests)}`,
  ]
  writeFileSync(join(folder, 'gateway.config.yaml'), `${file.join('\n')}\n`)
  return tests.length
}

interface Read {
  readonly passed: readonly string[]
  readonly failed: readonly string[]
}

function readTap(text: string): Promise<Read & { readonly ok: boolean; readonly count: number }> {
  return new Promise((resolve) => {
    const passed: string[] = []
    const failed: string[] = []
    const parser = new Parser({ strict: true }, ({ ok, count }) => {
      resolve({ ok, count, passed, failed })
    })
    parser.on('assert', ({ ok, name }: { ok: boolean; name: string }) => {
      ;(ok ? passed : failed).push(name)
    })
    parser.end(`${text}\n`)
  })
}

async function start(t: Test): Promise<{ folder: string; total: number }> {
  const folder = t.testdir({})
  return { folder, total: writeTests(folder) }
}

t.test('TAP is read as what it says, by the parser of tap', async (t) => {
  const { folder, total } = await start(t)
  const { json, code } = await outputOf(['test', '--format', 'tap'], folder)
  t.equal(code, 1)
  const read = await readTap(json)
  t.equal(read.count, total)
  t.equal(read.passed.length, total / 2)
  t.equal(read.failed.length, total / 2)
  t.match(read, { ok: false })
})

const program = `
import json, sys
from xml.parsers import expat
from junitparser import JUnitXml
text = sys.stdin.buffer.read()
expat.ParserCreate().Parse(text, True)
xml = JUnitXml.fromstring(text)
cases = [case for suite in xml for case in suite]
suites = list(xml)
print(json.dumps({
  'tests': xml.tests, 'failures': xml.failures, 'errors': xml.errors, 'suites': len(suites),
  'suiteTests': suites[0].tests, 'suiteFailures': suites[0].failures,
  'passed': [case.name for case in cases if case.is_passed],
  'failed': [case.name for case in cases if case.is_failure],
  'messages': [case.result[0].message for case in cases if case.is_failure],
  'texts': [case.result[0].text for case in cases if case.is_failure],
}))
`

t.test('JUnit XML is well-formed, and says what TAP says', async (t) => {
  const { folder, total } = await start(t)
  const { json: tap } = await outputOf(['test', '--format', 'tap'], folder)
  const { json: xml, code } = await outputOf(['test', '--format', 'junit'], folder)
  t.equal(code, 1)
  const printed = await pythonEval(t, { script: program, input: xml, modules: ['junitparser'] })
  if (printed === null) return
  const read = JSON.parse(printed) as Read & Record<string, unknown>
  const counted = await readTap(tap)
  t.match(read, {
    ...{ tests: total, failures: counted.failed.length, errors: 0, suites: 1 },
    ...{ suiteTests: total, suiteFailures: counted.failed.length },
  })
  t.equal(read.passed.length, counted.passed.length)
  t.equal(read.failed.length, counted.failed.length)
  t.equal(read.passed[2], `${names[2] ?? ''}2`, 'a name is what it was')
  t.ok(read.passed[5]?.includes('\u{1f6aa}'))
  t.ok((read['messages'] as string[])[0]?.includes('token.sub: expected odd <]]>"&, got none'))
})

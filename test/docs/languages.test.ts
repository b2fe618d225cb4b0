import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import ts from 'typescript'
import { parse } from 'yaml'
import { pythonEval } from '../fastapi/python.ts'
import { findProgram, missing } from '../helper/servers/installed.ts'
import { blocksIn, readPages, type Block } from './pages.ts'

/** Run or parsed by a test: here, or by the one that is named. */
const held = {
  yaml: 'blocks.test.ts',
  json: 'blocks.test.ts',
  console: 'the page tests of explain, doctor and others',
  text: 'what the blocks before print',
  ini: 'test/deploy/systemd.test.ts',
  svelte: 'test/browser/recipes',
} as const
const parsed = ['sh', 'python', 'js', 'ts', 'tsx', 'yml', 'promql']

function place({ page, line }: Block): string {
  return `${page}:${String(line)}`
}

t.test('no page has a block that nothing reads', async (t) => {
  const known = new Set([...parsed, ...Object.keys(held)])
  const languages = readPages().flatMap(({ file, text }) =>
    [...text.matchAll(/^```(\S+)$/gm)].map(([, language = '']) => ({ file, language })),
  )
  t.ok(languages.length > 50)
  t.strictSame(
    languages.filter(({ language }) => !known.has(language)),
    [],
  )
})

t.test('shell is shell', async (t) => {
  const blocks = blocksIn('sh')
  t.ok(blocks.length > 20)
  for (const block of blocks) {
    t.doesNotThrow(() => execFileSync('bash', ['-n'], { input: block.text }), place(block))
  }
})

t.test('TypeScript and JavaScript parse', async (t) => {
  const blocks = ['ts', 'tsx', 'js'].flatMap(blocksIn)
  t.ok(blocks.length > 15)
  for (const block of blocks) {
    const { diagnostics = [] } = ts.transpileModule(block.text, {
      reportDiagnostics: true,
      fileName: `block.${block.language === 'js' ? 'js' : 'tsx'}`,
      compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext },
    })
    const said = diagnostics.map(({ messageText }) =>
      ts.flattenDiagnosticMessageText(messageText, '\n'),
    )
    t.strictSame(said, [], place(block))
  }
})

t.test('Python parses', async (t) => {
  const blocks = blocksIn('python')
  t.ok(blocks.length >= 3)
  const script =
    'import ast, json, sys\nfor text in json.load(sys.stdin): ast.parse(text)\nprint("fine")'
  const input = JSON.stringify(blocks.map(({ text }) => text))
  const said = await pythonEval(t, { script, input, modules: ['ast'] })
  if (said !== null) t.equal(said.trim(), 'fine')
})

t.test('what others are configured with is YAML', async (t) => {
  for (const block of blocksIn('yml')) {
    t.doesNotThrow(() => parse(block.text) as unknown, place(block))
  }
})

t.test('PromQL is what Prometheus understands', (t) => {
  const promtool = findProgram('promtool', [])
  const blocks = blocksIn('promql')
  t.ok(blocks.length >= 4)
  if (promtool === null) missing(t, 'no promtool: install the package "prometheus"')
  else t.match(checkRules(t, promtool, blocks), /rules found/)
  t.end()
})

function checkRules(t: Test, promtool: string, blocks: readonly Block[]): string {
  const rules = blocks.map(({ text }, index) => ({
    record: `docs:block${String(index)}`,
    expr: text,
  }))
  const file = join(t.testdir({}), 'rules.json')
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'docs', rules }] }))
  return execFileSync(promtool, ['check', 'rules', file], { encoding: 'utf8' })
}

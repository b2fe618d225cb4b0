import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { startPostgres } from '../helper/servers/postgres.ts'
import { Newcomer, root, until } from './newcomer.ts'

// Does in an empty folder exactly what a page of docs/guides says, block by block, and compares what is printed with what the page
// says is printed. `npm run test:guide` follows five-minutes.md; `npm run test:guide -- nextjs` follows nextjs.md, which goes on where the
// former has not started anything yet, with the PostgreSQL database in DATABASE_URL or one of its own. Not a tap test, because it installs everything
// anew and takes the default ports.

const withinMs = 900_000

type Mark = 'step' | 'terminal' | 'file' | 'prints'

interface Block {
  readonly mark: Mark
  readonly text: string
  /** File and line of the opening fence. */
  readonly place: string
}

function blocksOf(guide: string): readonly Block[] {
  const file = `docs/guides/${guide}.md`
  const text = readFileSync(join(root, file), 'utf8')
  const marked = /^<!-- (step|terminal|file|prints) -->\n```\w+\n([^]*?)^```$/gm
  return [...text.matchAll(marked)].map((match) => {
    const line = text.slice(0, match.index).split('\n').length + 1
    return { mark: match[1] as Mark, text: match[2] ?? '', place: `${file}:${String(line)}` }
  })
}

const [guide = 'five-minutes'] = process.argv.slice(2)
const start = blocksOf('five-minutes')
const installed = start.slice(
  0,
  start.findIndex(({ mark }) => mark === 'terminal'),
)
const blocks = guide === 'five-minutes' ? start : [...installed, ...blocksOf(guide)]
const cloned = blocks.map(({ text }) => /git clone \S* ?(https:\S+)/.exec(text)?.[1]).find(Boolean)
if (cloned === undefined) throw new Error('the guide clones nothing')
const newcomer = new Newcomer(cloned)
let folder = newcomer.folder
let printed = ''
let passed = 0

/** A step may change the folder, as it would in a terminal that stays open. */
async function runStep(text: string): Promise<void> {
  const whereFile = join(newcomer.folder, '.where')
  const step = newcomer.start(`${text}\npwd > '${whereFile}'\necho '<done>'`, folder)
  await until(/<done>\n/, step, withinMs)
  printed = step.output().replace('<done>\n', '')
  folder = readFileSync(whereFile, 'utf8').trim()
}

/** `…` stands for whatever is different each time. */
function compare(expected: string): void {
  const literal = expected.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const plain = printed.replaceAll('\r', '').trim()
  assert.match(plain, new RegExp(`^${literal.join('[^\\n]*').trim()}$`))
}

async function follow({ mark, text }: Block): Promise<void> {
  switch (mark) {
    case 'file': {
      const name = /^(?:#|\/\/) (\S+)/.exec(text)?.[1]
      if (name === undefined) throw new Error('a file says its name in its first line')
      writeFileSync(join(folder, name), text)
      return
    }
    case 'step':
      return runStep(text)
    case 'terminal':
      await until(
        /Uvicorn running|"msg":"listening|Ready in/,
        newcomer.start(text, folder),
        withinMs,
      )
      return
    case 'prints':
      compare(text)
  }
}

/** Teardowns of what is started here, as a test has them. */
const ends: (() => unknown)[] = []
const owner = { teardown: (end: () => unknown) => ends.unshift(end) } as unknown as Test

try {
  if (blocks.some(({ text }) => text.includes('DATABASE_URL'))) {
    const postgres = process.env['DATABASE_URL'] ?? (await startPostgres(owner))?.url
    assert.ok(postgres, 'there is a PostgreSQL')
    newcomer.env['DATABASE_URL'] = postgres
  }
  assert.ok(blocks.length > 10, 'the guide has its blocks')
  for (const block of blocks) {
    console.log(`\n== ${block.place} ${block.mark}`)
    await follow(block)
    passed += 1
  }
  console.log(`\nthe guide does what it says: ${String(passed)} passed, 0 failed`)
} finally {
  await newcomer.leave()
  for (const end of ends) await end()
}

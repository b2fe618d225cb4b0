import { readFileSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')

export interface Page {
  /** Relative to the root of the repository. */
  readonly file: string
  readonly text: string
}

/** A fenced block of a page. */
export interface Block {
  readonly page: string
  /** 1-based, of the opening fence. */
  readonly line: number
  readonly language: string
  readonly text: string
  /** The comment in the line above: `start` of `<!-- start -->`, or null. */
  readonly mark: string | null
}

/** Every page of the documentation. */
export function readPages(): readonly Page[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file))
  return ['README.md', 'SECURITY.md', 'CHANGELOG.md', ...docs.sort()].map((file) => ({
    file: relative(root, join(root, file)),
    text: readFileSync(join(root, file), 'utf8'),
  }))
}

/** The fenced blocks of the pages that are in this language. */
export function blocksIn(language: string): readonly Block[] {
  return readPages()
    .flatMap(blocksOf)
    .filter((block) => block.language === language)
}

/** The text of the one block of a page that has this comment in the line above. */
export function markedBlock(file: string, mark: string): string {
  const found = readPages()
    .filter((page) => page.file === file)
    .flatMap(blocksOf)
    .filter((block) => block.mark === mark)
  if (found[0] === undefined || found.length > 1)
    throw new Error(`not one <!-- ${mark} --> in ${file}`)
  return found[0].text
}

function blocksOf({ file, text }: Page): readonly Block[] {
  return [...text.matchAll(/(?:^<!-- (\w+) -->\n)?^```(\w+)\n([^]*?)^```$/gm)].map((match) => ({
    page: file,
    line: text.slice(0, match.index).split('\n').length,
    language: match[2] ?? '',
    text: match[3] ?? '',
    mark: match[1] ?? null,
  }))
}

/** A page without its fenced blocks and code spans, in which brackets are no links. */
export function proseOf(text: string): string {
  return text.replaceAll(/^```[^]*?^```$/gm, '').replaceAll(/``[^`]+(?:`[^`]+)*``|`[^`\n]*`/g, '')
}

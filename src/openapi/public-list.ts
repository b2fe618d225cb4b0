import type { Audit, Row } from './audit.ts'

/** What a list of operations that may be called without a credential says about those that there are. */
export interface Listing {
  /** Open to anybody, and not on the list. */
  readonly missing: readonly Row[]
  /** Lines of the list that nothing open corresponds to any more. */
  readonly stale: readonly string[]
}

/** The line that allows an operation: `GET /health`, or `GET /feed optional`; null: it needs none. */
export function lineOf({ method, path, state }: Row): string | null {
  switch (state) {
    case 'public':
    case 'observed':
      return `${method} ${path}`
    case 'optional':
      return `${method} ${path} optional`
    case 'protected':
    case 'shadowed':
    case 'unreachable':
      return null
  }
}

/** Compares the operations that are open with the text of a list: one a line, `#` begins a comment. */
export function compareWithList({ rows }: Audit, text: string): Listing {
  const allowed = text
    .split('\n')
    .map(readLine)
    .filter((line) => line !== '')
  const open = rows.flatMap((row) => {
    const line = lineOf(row)
    return line === null ? [] : [{ row, line }]
  })
  const isAllowed = (line: string): boolean =>
    // What may be public may as well be optional.
    allowed.includes(line) || allowed.includes(line.replace(/ optional$/, ''))
  return {
    missing: open.filter(({ line }) => !isAllowed(line)).map(({ row }) => row),
    stale: allowed.filter(
      (entry) => !open.some(({ line }) => line === entry || line === `${entry} optional`),
    ),
  }
}

function readLine(line: string): string {
  return line
    .replace(/(?:^|\s)#.*$/, '')
    .trim()
    .replaceAll(/\s+/g, ' ')
}

const heading =
  '# What anybody may call without a credential; `sallyport audit` fails on anything else.\n'

/** The list as it must be for the operations that there are: what is stale goes, what is missing comes at the end. */
export function rewriteList(audit: Audit, text: string): string {
  const { missing, stale } = compareWithList(audit, text)
  const kept = text
    .split('\n')
    .filter((line) => !stale.includes(readLine(line)))
    .join('\n')
  const start = kept.trim() === '' ? heading : kept.endsWith('\n') ? kept : `${kept}\n`
  const lines = missing.map((row) => `${lineOf(row) ?? ''}\n`)
  return start + [...new Set(lines)].join('')
}

import { LineCounter, parseDocument, type Document, type ErrorCode, type YAMLError } from 'yaml'
import type { Lookup } from './references.ts'
import type { Path, Place, Places } from './places.ts'
import { resolveNodes } from './nodes.ts'

/** A YAML file as plain data that still knows where everything was written. */
export interface SourceDocument {
  /** Objects without prototype, arrays and scalars; references are replaced. */
  readonly data: unknown
  readonly places: Places
  /** Text of the plain scalars that became a number, a boolean or null after a reference was replaced; by path key. */
  readonly retyped: ReadonlyMap<string, string>
  /** Path keys of scalars that hold a reference. */
  readonly referenced: ReadonlySet<string>
}

export interface DocumentProblem {
  readonly path: Path
  readonly place: Place
  readonly message: string
}

export interface ReadDocument {
  /** null when the text is no YAML mapping. */
  readonly document: SourceDocument | null
  readonly problems: readonly DocumentProblem[]
}

const maxLength = 1024 * 1024
const start: Place = { line: 1, column: 1 }

/**
 * Reads YAML 1.2 (core schema): syntax, duplicate keys, anchors and aliases (bounded), references to the environment.
 * Knows nothing of what the keys mean. No message contains the value of a scalar.
 */
export function readDocument(source: string, lookup: Lookup): ReadDocument {
  const text = source.startsWith('\uFEFF') ? source.slice(1) : source
  if (text.length > maxLength) return failed('the file is larger than 1 MB', start)
  const lines = new LineCounter()
  const parsed = parseText(text, lines)
  if (parsed === null) return failed('the YAML is nested too deeply', start)
  const syntax = describeSyntaxErrors(parsed, text, lines)
  if (syntax.length > 0) return { document: null, problems: syntax }
  return resolveNodes(parsed, lines, lookup)
}

function failed(message: string, place: Place): ReadDocument {
  return { document: null, problems: [{ path: [], place, message }] }
}

function parseText(text: string, lineCounter: LineCounter): Document.Parsed | null {
  try {
    return parseDocument(text, {
      lineCounter,
      prettyErrors: false,
      schema: 'core',
      uniqueKeys: false,
      // 'silent' would also accept a second document without a word.
      logLevel: 'error',
    })
  } catch (error) {
    // The composer recurses, so deep nesting overflows the stack.
    if (error instanceof RangeError) return null
    throw error
  }
}

function describeSyntaxErrors(
  parsed: Document.Parsed,
  text: string,
  lines: LineCounter,
): DocumentProblem[] {
  const problems: DocumentProblem[] = []
  for (const error of [...parsed.errors, ...parsed.warnings]) {
    // After the first error, unexpected tokens are its echo; and one message a line is enough.
    if (problems.length > 0 && error.code === 'UNEXPECTED_TOKEN') continue
    const { line, col } = lines.linePos(error.pos[0])
    if (problems.some((earlier) => earlier.place.line === line)) continue
    const message = describeSyntaxError(error, text)
    problems.push({ path: [], place: { line, column: col }, message })
  }
  return problems.slice(0, 20)
}

// The parser's own messages may quote the text, and the text may be a secret.
function describeSyntaxError(error: YAMLError, text: string): string {
  const [offset] = error.pos
  if (text[offset] === '{') {
    return text[offset - 1] === '$'
      ? 'a ${…} inside { } or [ ] must be quoted: write "${NAME}"'
      : 'a value with braces inside { } or [ ] must be quoted: write "/items/{id}"'
  }
  if (error.code === 'BAD_SCALAR_START') {
    return `a value that starts with ${JSON.stringify(text[offset])} must be quoted`
  }
  if (error.code === 'MISSING_CHAR' && error.message.includes('quote')) {
    return 'a quote is opened above and not closed before here'
  }
  return syntaxMessages[error.code] ?? lowerFirst(error.message.split(/[:\n]/)[0] ?? 'not YAML')
}

const syntaxMessages: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_ALIAS: 'this is no YAML alias: quote a value that starts with *',
  BAD_DQ_ESCAPE: 'unknown escape in a "…" value: use \'…\' or write the backslash twice',
  BLOCK_AS_IMPLICIT_KEY:
    'a mapping cannot start here: look at the indentation, and quote a value that contains ": "',
  MULTILINE_IMPLICIT_KEY:
    'a key must stand on one line: a ":" is missing, or a quote is not closed',
  MULTIPLE_DOCS: 'the file holds more than one YAML document: remove the line "---"',
  RESOURCE_EXHAUSTION: 'the YAML is nested too deeply',
  TAB_AS_INDENT: 'tabs cannot indent YAML: use spaces',
  TAG_RESOLVE_FAILED: 'YAML tags (!…) are not supported',
  UNEXPECTED_TOKEN:
    'unexpected text here: look at the indentation, and quote values with special characters',
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

import type { DatabaseConfig } from '../types.ts'
import { isRefusal } from '../../errors/refusal.ts'
import { readTarget } from '../../routing/canonical.ts'
import type { Parsed } from './parsed.ts'

const controls = /[\u0000-\u001f\u007f-\u009f]/

/**
 * Reads a path pattern: literal segments written decoded, `{name}` for one whole segment, `*` as the last segment.
 * Only the syntax is checked; what a pattern matches is the business of the route table.
 */
export function parsePattern(text: string): Parsed<string> {
  if (!text.startsWith('/')) return { problem: 'a path starts with "/"' }
  if (controls.test(text)) return { problem: 'a path cannot hold control characters' }
  if (!text.isWellFormed()) return { problem: 'a path must be valid Unicode' }
  const forbidden = /[\\?#%]/.exec(text)?.[0]
  if (forbidden === '%') return { problem: 'a path is written decoded, without "%"' }
  if (forbidden !== undefined) {
    return { problem: `a path cannot hold ${JSON.stringify(forbidden)}` }
  }
  const segments = text.slice(1).split('/')
  const names = new Set<string>()
  for (const [index, segment] of segments.entries()) {
    const problem = judgeSegment(segment, index === segments.length - 1, names)
    if (problem !== null) return { problem }
  }
  return { value: text }
}

function judgeSegment(segment: string, isLast: boolean, names: Set<string>): string | null {
  if (segment === '') return isLast ? null : 'a path cannot hold an empty segment ("//")'
  if (segment === '.' || segment === '..') return 'a path cannot hold dot segments'
  if (segment.includes('*')) {
    return segment === '*' && isLast ? null : 'a "*" can only be the whole last segment ("/*")'
  }
  if (segment.startsWith(':')) return 'a parameter is written {name}'
  if (!/[{}]/.test(segment)) return null
  if (/^\{[^{}]*:path\}$/.test(segment)) return 'the rest of a path is written "/*"'
  const name = /^\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(segment)?.[1]
  if (name === undefined) return 'a parameter is a whole segment with a plain name ("/{id}")'
  if (names.has(name)) return 'a parameter name occurs twice'
  names.add(name)
  return null
}

/** Two patterns with the same result match the same paths: the names of parameters do not count. */
export function normalizePattern(pattern: string): string {
  return pattern.replaceAll(/\{[^/]*\}/g, '{}')
}

/** Whether the pattern is at or below a literal prefix such as `/api/auth`. */
export function isUnder(pattern: string, prefix: string): boolean {
  return pattern === prefix || pattern.startsWith(`${prefix}/`)
}

/** Reads the path at which Better Auth answers. */
export function parseAuthPath(text: string): Parsed<string> {
  return isUnder(text, '/_gateway')
    ? { problem: '/_gateway is reserved' }
    : parsePlainPath(text, '/api/auth')
}

/** Reads the beginning of a path: whole segments that have one spelling only. */
export function parsePrefix(text: string): Parsed<string> {
  return parsePlainPath(text, '/reports')
}

function parsePlainPath(text: string, example: string): Parsed<string> {
  if (!text.startsWith('/') || text === '/') {
    return { problem: `expected a path such as ${example}` }
  }
  if (text.endsWith('/')) return { problem: 'write the path without a slash at its end' }
  const isPlain = /^(?:\/[A-Za-z0-9._~-]+)+$/.test(text) && !/\/\.{1,2}(?:\/|$)/.test(text)
  return isPlain ? { value: text } : { problem: 'only letters, digits and . _ ~ - between slashes' }
}

/** Reads a path that we ask an upstream for: one that the gateway itself would let through, without a query. */
export function parseProbePath(text: string): Parsed<string> {
  const target = readTarget(text)
  const isCanonical = !isRefusal(target) && target.escapes.length === 0
  return isCanonical && !/[?*{}]/.test(text)
    ? { value: text }
    : {
        problem:
          'expected a literal path such as /health: no query, no parameter, no empty or dot segment',
      }
}

/** Reads the path of a file below a folder. Not checked: whether it is there. */
export function parseFallback(text: string): Parsed<string> {
  if (text.startsWith('/'))
    return { problem: 'write the path below `dir`, without a slash before it' }
  const isBelow = text.split('/').every((segment) => !['', '.', '..'].includes(segment))
  return isBelow && !text.includes('\\') && !controls.test(text)
    ? { value: text }
    : { problem: 'expected the path of a file below `dir`, such as index.html' }
}

/** Reads the path of an image by its ending. Not checked: whether it is there, and what it holds. */
export function parseImageFile(text: string): Parsed<string> {
  return /[^/]\.(?:svg|png|jpe?g|webp)$/i.test(text) && !controls.test(text)
    ? { value: text }
    : { problem: 'expected the path of an .svg, .png, .jpg or .webp file' }
}

/** Reads the login page: a path on our own origin, or an absolute http(s) URL. A query is allowed, a fragment is not. */
export function parseLoginPage(text: string): Parsed<string> {
  const example = 'expected a path such as /login, or an http(s) URL'
  if (!/^[\x21-\x7e]+$/.test(text) || /[\\#]/.test(text)) return { problem: example }
  // "//host" is another origin to a browser.
  if (text.startsWith('/')) return text.startsWith('//') ? { problem: example } : { value: text }
  if (!/^https?:\/\/[^/?@]+(?:[/?]|$)/i.test(text) || !URL.canParse(text))
    return { problem: example }
  return { value: new URL(text).href }
}

/** Reads where Better Auth keeps its tables: `sqlite:` with a path, `:memory:`, or a `postgres:` URL. */
export function parseDatabase(text: string): Parsed<DatabaseConfig> {
  if (text === ':memory:') return { value: { kind: 'sqlite', file: text } }
  if (/^postgres(?:ql)?:/i.test(text)) return parsePostgres(text)
  if (/^postgres(?:ql)?\+\w+:/i.test(text)) {
    return { problem: 'write postgres:// without the name of a Python driver' }
  }
  // SQLAlchemy's form; its file is most likely FastAPI's own database.
  if (/^sqlite(?:\+\w+)?:\/\//i.test(text)) {
    return {
      problem: 'write sqlite: and the path, without "//" (a file of its own, not FastAPI’s)',
    }
  }
  const file = /^sqlite:([^]+)$/.exec(text)?.[1]
  if (file === undefined || controls.test(file)) {
    return {
      problem:
        'expected sqlite: and a path, such as sqlite:./data/auth.db, or postgres://user:password@host/name',
    }
  }
  return { value: { kind: 'sqlite', file } }
}

function parsePostgres(text: string): Parsed<DatabaseConfig> {
  const url = URL.canParse(text) ? new URL(text) : null
  const isComplete = url !== null && /^\/[^/]+$/.test(url.pathname) && url.hostname !== ''
  return isComplete
    ? { value: { kind: 'postgres', url: text } }
    : { problem: 'expected postgres://user:password@host/name' }
}

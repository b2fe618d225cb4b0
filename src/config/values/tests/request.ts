import { allMethods } from '../../../routing/compile.ts'
import { catalogue, type Code } from '../../../errors/catalogue.ts'
import type { Method } from '../../types.ts'
import { suggest } from '../../yaml/suggest.ts'
import type { Parsed } from '../parsed.ts'

const methods: readonly string[] = allMethods

/** Reads a request in one line: `GET /api/items?page=2`. */
export function parseRequestLine(
  text: string,
): Parsed<{ readonly method: Method; readonly path: string }> {
  const [, method = '', path = ''] = /^(\S+) +(\S+)$/.exec(text) ?? []
  if (method === '') return { problem: 'expected a method and a path, such as GET /api/items' }
  if (!methods.includes(method)) {
    return { problem: `${method} is no method${suggest(method, methods)}` }
  }
  const parsed = parseRequestPath(path)
  return 'problem' in parsed ? parsed : { value: { method: method as Method, path } }
}

/** Reads the target of a request as it is sent. Whether the gateway accepts it is what a test may be about. */
export function parseRequestPath(text: string): Parsed<string> {
  return /^(?:https?:\/\/[^/?#\s]+)?\/[\x21-\x7e]*$/i.test(text)
    ? { value: text }
    : { problem: 'expected a path as it is sent, such as /api/items?page=2' }
}

/** Reads a code of the catalogue. */
export function parseCode(text: string): Parsed<Code> {
  return Object.hasOwn(catalogue, text)
    ? { value: text as Code }
    : { problem: `no refusal has this code${suggest(text, Object.keys(catalogue))}` }
}

/** Reads the id of a user. */
export function parseUserId(text: string): Parsed<string> {
  return /^[\x21-\x7e]{1,128}$/.test(text)
    ? { value: text }
    : { problem: 'an id has 1 to 128 visible ASCII characters' }
}

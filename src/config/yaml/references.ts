/** The value of an environment variable, undefined when it is not set, or why it cannot be read. */
export type Lookup = (name: string) => string | undefined | { readonly problem: string }

export interface Expanded {
  /** null when there are problems. */
  readonly text: string | null
  /** Whether anything came from the environment. */
  readonly referenced: boolean
  /** Never contain the value of a variable. */
  readonly problems: readonly string[]
}

const forms = 'write ${NAME}, ${NAME:-default} or ${NAME:?message}, or $${ for a literal ${'
const opening = /\$?\$\{/g

/**
 * Replaces the references of one scalar: `${VAR}`, `${VAR:-default}` and `${VAR:?message}`; `$${` is a literal `${`.
 * Values are taken as they are: references inside them are not followed. Defaults cannot contain references.
 */
export function expandReferences(text: string, lookup: Lookup): Expanded {
  const problems: string[] = []
  let result = ''
  let position = 0
  let referenced = false
  for (;;) {
    opening.lastIndex = position
    const match = opening.exec(text)
    if (match === null) break
    result += text.slice(position, match.index)
    position = match.index + match[0].length
    if (match[0] === '$${') {
      result += '${'
      continue
    }
    referenced = true
    const end = text.indexOf('}', position)
    const body = end === -1 ? null : text.slice(position, end)
    if (body?.includes('${')) {
      problems.push('a default cannot contain another ${…}')
      break
    }
    const replaced = resolve(body, lookup)
    if (typeof replaced === 'string') result += replaced
    else problems.push(replaced.problem)
    if (end === -1) break
    position = end + 1
  }
  if (problems.length > 0) return { text: null, referenced, problems }
  return { text: result + text.slice(position), referenced, problems }
}

function resolve(body: string | null, lookup: Lookup): string | { readonly problem: string } {
  if (body === null) return { problem: 'a ${ is not closed by }' }
  const match = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:[-?])([^]*))?$/.exec(body)
  if (match === null) return { problem: `this is no reference to a variable: ${forms}` }
  const [, name = '', operator, operand = ''] = match
  const value = lookup(name)
  if (typeof value === 'object') return value
  if (operator === undefined) {
    if (value !== undefined) return value
    return { problem: `the environment variable ${name} is not set (it has no default here)` }
  }
  if (value !== undefined && value !== '') return value
  if (operator === ':-') return operand
  const message = operand.trim() === '' ? 'it must be set' : operand.trim()
  return { problem: `the environment variable ${name} is not set or empty: ${message}` }
}

/**
 * What YAML (core schema, YAML 1.2.2 §10.3.2) would have made of this text as a plain scalar; so
 * `port: ${PORT}` is a number. An empty text stays one, because "set but empty" is not "none".
 */
export function retype(text: string): string | number | boolean | null {
  if (/^(?:true|True|TRUE)$/.test(text)) return true
  if (/^(?:false|False|FALSE)$/.test(text)) return false
  if (/^(?:null|Null|NULL|~)$/.test(text)) return null
  if (/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(text)) return Number(text)
  return text
}

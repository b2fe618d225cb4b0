/** A name and a value as they stood on the wire; the value without the blanks around it. */
export type Field = readonly [name: string, value: string]

/** A head of HTTP/1.1 taken apart leniently: what cannot be understood is kept rather than refused. Text stands for bytes, one character each. */
export interface MessageHead {
  readonly firstLine: string
  readonly fields: readonly Field[]
}

export function readMessageHead(raw: string): MessageHead {
  const [firstLine = '', ...lines] = raw.split('\r\n')
  return { firstLine, fields: readFields(lines) }
}

export function readFields(lines: readonly string[]): readonly Field[] {
  return lines
    .filter((line) => line !== '')
    .map((line): Field => {
      const colon = line.indexOf(':')
      if (colon === -1) return [line, '']
      return [line.slice(0, colon), line.slice(colon + 1).trim()]
    })
}

/** The values of a field, whose name is given in lower case. */
export function valuesOf(fields: readonly Field[], name: string): readonly string[] {
  return fields.filter(([each]) => each.trim().toLowerCase() === name).map(([, value]) => value)
}

/** A body, or what there is of it so far. */
export interface ReadBody {
  readonly body: string
  readonly trailers: readonly Field[]
  /** How many characters of the text belong to it. */
  readonly length: number
  readonly state: 'whole' | 'unfinished' | 'faulty'
}

/** Reads a body as a lenient server would: chunked where anything says so, else as long as the last length says. */
export function readBody(text: string, fields: readonly Field[]): ReadBody {
  const isChunked = valuesOf(fields, 'transfer-encoding').some((value) => /chunked/i.test(value))
  if (isChunked) return readChunks(text)
  const length = Number.parseInt(valuesOf(fields, 'content-length').at(-1) ?? '0', 10)
  const wanted = Number.isSafeInteger(length) && length > 0 ? length : 0
  const state = text.length < wanted ? 'unfinished' : 'whole'
  return { body: text.slice(0, wanted), trailers: [], length: Math.min(wanted, text.length), state }
}

function readChunks(text: string): ReadBody {
  let body = ''
  let at = 0
  for (;;) {
    const end = text.indexOf('\r\n', at)
    if (end === -1) return { body, trailers: [], length: at, state: 'unfinished' }
    const size = /^([0-9a-f]{1,12})(?:;[^\n]*)?$/i.exec(text.slice(at, end))?.[1]
    if (size === undefined) return { body, trailers: [], length: text.length, state: 'faulty' }
    const length = Number.parseInt(size, 16)
    if (length === 0) return readTrailers(text, end + 2, body)
    const after = end + 2 + length
    if (text.length < after + 2) return { body, trailers: [], length: at, state: 'unfinished' }
    body += text.slice(end + 2, after)
    if (text.slice(after, after + 2) !== '\r\n') {
      return { body, trailers: [], length: text.length, state: 'faulty' }
    }
    at = after + 2
  }
}

function readTrailers(text: string, from: number, body: string): ReadBody {
  const lines: string[] = []
  for (let at = from; ;) {
    const end = text.indexOf('\r\n', at)
    if (end === -1) return { body, trailers: [], length: from, state: 'unfinished' }
    if (end === at) return { body, trailers: readFields(lines), length: end + 2, state: 'whole' }
    lines.push(text.slice(at, end))
    at = end + 2
  }
}

import { StartupError } from '../../errors/startup.ts'

/** One record of a CSV file. */
export interface CsvRecord {
  /** On which it begins; the first is 1. */
  readonly line: number
  readonly fields: readonly string[]
  /** Its quotes are not where RFC 4180 §2 has them: which field ends where is not certain. */
  readonly isMalformed: boolean
}

/** Characters. Beyond, a quote was opened that nobody closed. */
const maxRecord = 1_048_576

/**
 * Reads the records of a CSV file (RFC 4180) as its text comes. Lines end in CRLF or LF; empty ones are no records. Throws a `StartupError` where a
 * quote is never closed.
 */
export async function* readRecords(chunks: AsyncIterable<string>): AsyncGenerator<CsvRecord> {
  const reader = new RecordReader()
  for await (const chunk of chunks) yield* reader.push(chunk)
  yield* reader.end()
}

type State = 'start' | 'plain' | 'quoted' | 'closed'

class RecordReader {
  readonly #special = /\r?\n|[",]/g
  #state: State = 'start'
  #field = ''
  #fields: string[] = []
  #length = 0
  #isMalformed = false
  #line = 1
  #begin = 1
  /** A carriage return whose line feed may be in the next chunk. */
  #held = ''
  #done: CsvRecord[] = []

  push(chunk: string): readonly CsvRecord[] {
    const text = this.#held + chunk
    const isOpen = text.endsWith('\r')
    this.#held = isOpen ? '\r' : ''
    this.#read(isOpen ? text.slice(0, -1) : text)
    return this.#take()
  }

  end(): readonly CsvRecord[] {
    this.#read(this.#held)
    if (this.#state === 'quoted') throw unclosed(this.#begin)
    this.#endRecord()
    return this.#take()
  }

  #take(): readonly CsvRecord[] {
    const done = this.#done
    this.#done = []
    return done
  }

  #read(text: string): void {
    let at = 0
    while (at < text.length)
      at = this.#state === 'quoted' ? this.#inQuotes(text, at) : this.#next(text, at)
  }

  /** Up to the next quote, which closes or is the first of two. */
  #inQuotes(text: string, from: number): number {
    const end = text.indexOf('"', from)
    const piece = text.slice(from, end === -1 ? text.length : end)
    this.#line += piece.split('\n').length - 1
    this.#append(piece)
    if (end === -1) return text.length
    this.#state = 'closed'
    return end + 1
  }

  /** Up to the next character that means something, and that one. */
  #next(text: string, from: number): number {
    this.#special.lastIndex = from
    const found = this.#special.exec(text)
    const piece = text.slice(from, found?.index ?? text.length)
    if (piece !== '') this.#plain(piece)
    if (found === null) return text.length
    const [mark] = found
    if (mark === '"') this.#quote()
    else if (mark === ',') this.#endField()
    else this.#endRecord()
    if (mark.endsWith('\n')) {
      this.#line += 1
      this.#begin = this.#line
    }
    return this.#special.lastIndex
  }

  #plain(piece: string): void {
    if (this.#state === 'closed') this.#isMalformed = true
    this.#state = 'plain'
    this.#append(piece)
  }

  #quote(): void {
    if (this.#state === 'closed') this.#append('"')
    if (this.#state === 'plain') this.#isMalformed = true
    else this.#state = 'quoted'
  }

  #append(piece: string): void {
    this.#length += piece.length
    if (this.#length > maxRecord) throw unclosed(this.#begin)
    this.#field += piece
  }

  #endField(): void {
    this.#fields.push(this.#field)
    this.#field = ''
    this.#state = 'start'
  }

  #endRecord(): void {
    const isEmpty = this.#state === 'start' && this.#fields.length === 0
    this.#endField()
    if (!isEmpty) {
      const isMalformed = this.#isMalformed
      this.#done.push({ line: this.#begin, fields: this.#fields, isMalformed })
    }
    this.#fields = []
    this.#length = 0
    this.#isMalformed = false
  }
}

function unclosed(line: number): StartupError {
  return new StartupError(`--from: line ${line}: a quote is opened here and never closed`)
}

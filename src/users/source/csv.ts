import { createReadStream, existsSync } from 'node:fs'
import { StartupError } from '../../errors/startup.ts'
import { emptyToNull, type SourceRow, type UnreadableRow, type UserSource } from './port.ts'
import { readRecords, type CsvRecord } from './records.ts'

/**
 * Opens a CSV file (RFC 4180) in UTF-8, with or without a byte order mark, whose first record names the columns. Rejects with a `StartupError` of one
 * sentence.
 */
export async function openCsv(file: string): Promise<UserSource> {
  if (!existsSync(file)) throw new StartupError(`--from: there is no ${file}`)
  const stream = createReadStream(file)
  const records = readRecords(decode(stream, file))
  const names = await readNames(records, file)
  return {
    name: file,
    table: null,
    columns: names.map((name) => ({ name, holdsUuids: false })),
    read: (columns) => rowsOf(records, names, columns),
    close: () => {
      stream.destroy()
      return Promise.resolve()
    },
  }
}

/** A special character outside of quotes may be half in one piece, half in the next. */
async function* decode(chunks: AsyncIterable<Buffer>, file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true })
    yield decoder.decode()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const reason = error instanceof TypeError ? 'it is not UTF-8' : (code ?? 'unknown')
    throw new StartupError(`--from: cannot read ${file}: ${reason}`)
  }
}

async function readNames(
  records: AsyncGenerator<CsvRecord>,
  file: string,
): Promise<readonly string[]> {
  const first = await records.next()
  const names = first.done === true ? [] : first.value.fields.map((name) => name.trim())
  if (names.length === 0) throw new StartupError(`--from: ${file} is empty`)
  if (names.length === 1 && /[;\t]/.test(names[0] ?? '')) {
    throw new StartupError(`--from: the columns of ${file} are not separated by commas`)
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice === undefined) return names
  throw new StartupError(`--from: ${file} has two columns ${JSON.stringify(twice)}`)
}

async function* rowsOf(
  records: AsyncIterable<CsvRecord>,
  names: readonly string[],
  columns: readonly string[],
): AsyncGenerator<SourceRow | UnreadableRow> {
  const places = columns.map((name) => names.indexOf(name))
  for await (const { line, fields, isMalformed } of records) {
    if (isMalformed) yield { row: line, reason: 'its quotes are not as RFC 4180 has them' }
    else if (fields.length !== names.length) {
      yield { row: line, reason: `has ${fields.length} fields, not ${names.length}` }
    } else yield { row: line, cells: places.map((place) => emptyToNull(fields[place] ?? '')) }
  }
}

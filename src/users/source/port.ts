/** A row as text; null for NULL and for nothing. */
export interface SourceRow {
  /** The line of a file on which it begins, or how many rows of a table come before it, plus one. */
  readonly row: number
  /** In the order of the columns that were asked for. */
  readonly cells: readonly (string | null)[]
}

/** A row of which nothing is certain. */
export interface UnreadableRow {
  readonly row: number
  readonly reason: string
}

export interface SourceColumn {
  readonly name: string
  /** It holds UUIDs as 32 hexadecimal digits, which its application writes with hyphens everywhere else. */
  readonly holdsUuids: boolean
}

/** A table of users, open for reading and for nothing else. */
export interface UserSource {
  /** For messages: never with a password. */
  readonly name: string
  /** Without its schema; null: it is no database. */
  readonly table: string | null
  readonly columns: readonly SourceColumn[]
  /**
   * Every row as it was when the first was read, a few in memory at a time. Can be called once.
   * @param columns which
   * @param orderBy the column by which rows of a database come
   */
  read(columns: readonly string[], orderBy: string): AsyncIterable<SourceRow | UnreadableRow>
  close(): Promise<void>
}

/** What a table is called when nobody says. */
export const usualTables = ['user', 'users'] as const

/** Everywhere text: a row in a database and one in a file mean the same. */
export function emptyToNull(text: string): string | null {
  return text === '' ? null : text
}

import { DatabaseSync } from 'node:sqlite'

/** The ids and addresses of the rows so far: more of them than memory might hold. */
export interface Seen {
  /** Notes a row; the row that has its id or its address already is what it answers with, and then nothing is noted. */
  note(row: number, id: string, email: string): { readonly row: number; readonly of: string } | null
  close(): void
}

/** Kept in a file without a name, which SQLite makes when memory does not suffice, and which ends with this process whatever happens. */
export function openSeen(): Seen {
  const database = new DatabaseSync('')
  database.exec(
    `PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
     CREATE TABLE seen (value TEXT PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID; BEGIN`,
  )
  const find = database.prepare('SELECT row FROM seen WHERE value = ?')
  const add = database.prepare('INSERT INTO seen VALUES (?, ?)')
  return {
    note: (row, id, email) => {
      const values = { id: `id ${id}`, 'e-mail address': `email ${email}` }
      for (const [of, value] of Object.entries(values)) {
        const found = find.get(value)
        if (found !== undefined) return { row: Number(found['row']), of }
      }
      for (const value of Object.values(values)) add.run(value, row)
      return null
    },
    close: () => {
      database.close()
    },
  }
}

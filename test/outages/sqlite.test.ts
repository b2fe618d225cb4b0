import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { testOutages } from './table.ts'

testOutages((t) => {
  const file = join(t.testdir(), 'auth.db')
  let other: DatabaseSync | null = null
  return Promise.resolve({
    database: `sqlite:${file}`,
    outages: [
      {
        name: 'SQLite written by another process for long',
        begin: () => {
          other = new DatabaseSync(file)
          other.exec('BEGIN IMMEDIATE')
        },
        end: () => {
          other?.close()
        },
        isReadable: true,
      },
    ],
  })
})

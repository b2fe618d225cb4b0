import type { Mutant } from '../../mutant.ts'

const move = 'src/session/embedded/move'
const real = ['test/backup/move.test.ts']
const refused = ['test/backup/refused.test.ts']
const unit = ['test/backup/values.test.ts']

/** Accounts that move to another database. */
export const databaseMoves: readonly Mutant[] = [
  {
    name: 'database-in-use',
    protection: 'no database is moved that somebody goes on writing to',
    file: `${move}/source.ts`,
    find: 'if (existsSync(`${file}-wal`))',
    replace: "if (file === '')",
    tests: real,
    covers: [],
  },
  {
    name: 'database-empty',
    protection: 'accounts are moved into an empty database alone',
    file: `${move}/target.ts`,
    find: 'if (rowCount !== 0)',
    replace: 'if (rowCount === -1)',
    tests: real,
    covers: [],
  },
  {
    name: 'database-at-once',
    protection: 'of a move that fails nothing stays',
    file: `${move}/target.ts`,
    find: "await client.query('BEGIN')",
    replace: '',
    tests: refused,
    covers: [],
  },
  {
    name: 'database-counted',
    protection: 'rows that have not arrived are missed',
    file: `${move}/target.ts`,
    find: 'if (arrived !== rows)',
    replace: 'if (arrived < 0)',
    tests: refused,
    covers: [],
  },
  {
    name: 'database-values-untold',
    protection: 'no message repeats a value of a row',
    file: `${move}/target.ts`,
    find: 'const [reason] = message.split(',
    replace: 'const [reason] = [message].concat(',
    tests: refused,
    covers: [],
  },
  {
    name: 'database-revocations',
    protection: 'what was revoked before a move is revoked after it',
    file: `${move}/move.ts`,
    find: 'await copyLines(client, lines)',
    replace: '',
    tests: real,
    covers: [20],
  },
  {
    name: 'database-revocations-shared',
    protection: 'with Redis, what was revoked before a move is there too',
    file: `${move}/move.ts`,
    find: 'await shareLines(lines)',
    replace: '',
    tests: real,
    covers: [20],
  },
  {
    name: 'database-stranded',
    protection: 'what has no place in the other database is not lost in silence',
    file: `${move}/plan.ts`,
    find: 'if (stranded.length > 0)',
    replace: 'if (stranded.length < 0)',
    tests: unit,
    covers: [],
  },
  {
    name: 'database-zones',
    protection: 'a moment stays the same, wherever the move is made',
    file: `${move}/values.ts`,
    find: 'toDate(value).toISOString()',
    replace: 'toDate(value)',
    tests: real,
    covers: [],
  },
]

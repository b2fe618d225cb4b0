import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { copyDatabase, replaceDatabase } from '../../src/session/embedded/store/sqlite/copy.ts'
import { startGateway } from '../helper/gateway.ts'
import { newUser } from '../revocation/stage.ts'

t.test('a database that was put back has its users, and nobody is signed in', async (t) => {
  const gateway = await startGateway(t, { upstream: 'http://127.0.0.1:9' })
  await newUser(gateway)
  const [copy, target] = ['copy.db', 'target.db'].map((name) => join(gateway.folder, name))
  await copyDatabase(join(gateway.folder, 'auth.db'), copy ?? '')
  t.equal(replaceDatabase(copy ?? '', target ?? '', 0), null, 'there was none')
  const counts = (file = ''): unknown => {
    const database = new DatabaseSync(file, { readOnly: true })
    const count = (table: string) =>
      database.prepare(`SELECT count(*) AS count FROM "${table}"`).get()?.['count']
    const found = { users: count('user'), accounts: count('account'), sessions: count('session') }
    database.close()
    return found
  }
  t.strictSame(counts(copy), { users: 1, accounts: 1, sessions: 1 })
  t.strictSame(counts(target), { users: 1, accounts: 1, sessions: 0 })
})

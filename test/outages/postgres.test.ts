import { startPostgres } from '../helper/servers/postgres.ts'
import { testOutages } from './table.ts'

testOutages(async (t) => {
  const postgres = await startPostgres(t)
  if (postgres === null) return null
  const set = (isReadOnly: string) => async () => {
    await postgres.query(`ALTER SYSTEM SET default_transaction_read_only = ${isReadOnly}`)
    await postgres.query('SELECT pg_reload_conf()')
  }
  return {
    database: postgres.url,
    outages: [
      { name: 'PostgreSQL killed', begin: postgres.kill, end: postgres.start },
      { name: 'PostgreSQL frozen', begin: postgres.freeze, end: postgres.thaw },
      { name: 'PostgreSQL read-only', begin: set('on'), end: set('off'), isReadable: true },
    ],
  }
})

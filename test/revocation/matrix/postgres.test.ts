import { startPostgres } from '../../helper/servers/postgres.ts'
import { testRevocations } from './table.ts'

testRevocations(async (t) => {
  const postgres = await startPostgres(t)
  return postgres && { database: postgres.url }
})

import { startPostgres } from '../../helper/servers/postgres.ts'
import { startRedis } from '../../helper/servers/redis.ts'
import { testRevocations } from './table.ts'

testRevocations(async (t) => {
  const [postgres, redis] = [await startPostgres(t), await startRedis(t)]
  return postgres && redis && { database: postgres.url, redis: redis.url }
})

import { startRedis } from '../../helper/servers/redis.ts'
import { testRevocations } from './table.ts'

testRevocations(async (t) => {
  const redis = await startRedis(t)
  return redis && { redis: redis.url, store: 'redis' }
})

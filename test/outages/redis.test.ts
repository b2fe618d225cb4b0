import { startRedis } from '../helper/servers/redis.ts'
import { testOutages } from './table.ts'

testOutages(async (t) => {
  const redis = await startRedis(t)
  if (redis === null) return null
  return {
    redis: redis.url,
    store: 'redis',
    outages: [
      { name: 'Redis frozen', begin: redis.freeze, end: redis.thaw },
      {
        name: 'Redis full',
        begin: () => redis.tell('CONFIG SET maxmemory 1'),
        end: () => redis.tell('CONFIG SET maxmemory 0'),
        isReadable: true,
      },
      {
        name: 'Redis a replica',
        begin: () => redis.tell('REPLICAOF 127.0.0.1 1'),
        end: () => redis.tell('REPLICAOF NO ONE'),
        isReadable: true,
      },
    ],
  }
})

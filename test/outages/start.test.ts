import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startBackend } from '../helper/backend.ts'
import { startGateway } from '../helper/gateway.ts'
import { startRedis } from '../helper/servers/redis.ts'

t.test('a gateway is not ready before what keeps its sessions has answered once', async (t) => {
  const redis = await startRedis(t)
  if (redis === null) return
  await redis.kill()
  const backend = await startBackend(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    auth: 'signUp: open, session: { store: redis }',
    yaml: `redis: ${redis.url}`,
  })
  const readyz = async (): Promise<number> =>
    (await fetch(`${gateway.adminUrl ?? ''}/readyz`)).status
  t.equal(await readyz(), 503)
  t.equal(await readyz(), 503, 'and asking makes it no readier')
  await redis.start()
  while ((await readyz()) !== 200) await sleep(20)
  await redis.kill()
  t.equal(await readyz(), 200, 'later it stays so')
})

import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { host, startGateway } from '../../helper/gateway.ts'
import { dial } from '../hostile/wire.ts'
import { until } from '../websocket/client.ts'
import { recordsOf } from './records.ts'

t.test('requests that wait for the answer before theirs leave with their client', async (t) => {
  const backend = await startBackend(t, () => undefined)
  const gateway = await startGateway(t, { upstream: backend.url })
  const one = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
  const records = await recordsOf(
    gateway,
    async () => {
      const wire = await dial(t, gateway.url)
      wire.send(one('/open/1') + one('/open/2') + one('/open/3'))
      await until(() => backend.seen.length === 3)
      wire.socket.destroy()
    },
    3,
  )
  t.strictSame(
    records.map(({ path, status }) => [path, status]).sort(),
    [1, 2, 3].map((n) => [`/open/${n}`, null]),
  )
})

import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { signUp, startGateway } from '../../helper/gateway.ts'
import { startPostgres } from '../../helper/servers/postgres.ts'

/** A way to PostgreSQL on which the first connections take their time, as they do where a process is cold and a machine is busy. */
async function relay(t: Test, url: string, slow: number, byMs: number): Promise<string> {
  const target = new URL(url)
  const port = Number(target.port)
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    const other = connect(port, target.hostname)
    for (const each of [socket, other]) {
      sockets.add(each)
      each.on('error', () => undefined)
    }
    socket.pause()
    setTimeout(
      () => {
        socket.pipe(other).pipe(socket)
      },
      connections <= slow ? byMs : 0,
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const each of sockets) each.destroy()
    server.close()
  })
  target.port = String((server.address() as AddressInfo).port)
  return String(target)
}

t.test('a database that takes its time with the first connections is waited for', async (t) => {
  const postgres = await startPostgres(t)
  if (postgres === null) return
  const database = await relay(t, postgres.url, 2, 1000)
  const { url } = await startBackend(t)
  const gateway = await startGateway(t, { upstream: url, database })
  const { cookie } = await signUp(gateway)
  t.equal((await gateway.request('/api/x', { headers: { cookie } })).status, 200)
})

import { spawn } from 'node:child_process'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { startBackend } from '../helper/backend.ts'
import { ConnectionPool } from '../../src/upstream/http1/pool.ts'
import type { Lease } from '../../src/upstream/port.ts'
import { get, openGroup, until, upstreamConfig } from './group.ts'

/** How many connections there are to the target of a slot. */
function sizeOf({ target }: Lease): number {
  const { connections } = target
  return connections instanceof ConnectionPool ? connections.size : NaN
}

t.test('closing waits for what is under way, and leaves no connection', async (t) => {
  const open: ServerResponse[] = []
  const backend = await startBackend(t, (_request, response) => {
    response.write('begun, ')
    open.push(response)
  })
  const { group, take } = openGroup(t, upstreamConfig([backend.url]))
  const lease = take()
  const [answer, stream] = [get(lease), get(take())]
  await until(() => open.length === 2)
  let isClosed = false
  const closing = group.close().then(() => (isClosed = true))
  await new Promise((resolve) => setTimeout(resolve, 50))
  t.notOk(isClosed)
  open[0]?.end('ended')
  t.equal((await answer).text, 'begun, ended')
  await new Promise((resolve) => setTimeout(resolve, 50))
  t.notOk(isClosed, 'a stream keeps its connection after its slot is free')
  open[1]?.end('ended')
  t.equal((await stream).text, 'begun, ended')
  await closing
  t.equal(backend.aborted(), 0)
  t.equal(sizeOf(lease), 0)
})

t.test(
  'a request that was admitted before the closing and comes after it is still served',
  async (t) => {
    const backend = await startBackend(t, (_request, response) => response.end('served'))
    const { group, take } = openGroup(t, upstreamConfig([backend.url]))
    t.equal((await get(take())).text, 'served')
    await group.close()
    const late = take()
    t.equal((await get(late)).text, 'served')
    await until(() => sizeOf(late) === 0)
    t.equal((await get(take())).text, 'served', 'and the next one too')
  },
)

t.test('destroying cuts what is under way, streams of a closed upstream too', async (t) => {
  const backend = await startBackend(t, (_request, response) => response.write('begun'))
  const { group, take } = openGroup(t, upstreamConfig([backend.url]))
  const first = take()
  const stream = get(first)
  await until(() => backend.seen.length === 1)
  first.release()
  void group.close()
  const late = get(take())
  await until(() => backend.seen.length === 2)
  const ends = Promise.all([t.rejects(stream), t.rejects(late)])
  group.destroy()
  await ends
  t.equal(group.inFlight, 0)
  await until(() => backend.aborted() === 2)
  t.equal(backend.aborted(), 2)
})

t.test('an upstream that nobody closes does not keep the process alive', async (t) => {
  const backend = await startBackend(t, (_request, response) => response.end())
  const module = join(import.meta.dirname, 'lingering.ts')
  const child = spawn(process.execPath, [module, backend.url], { stdio: 'inherit' })
  t.teardown(() => child.kill('SIGKILL'))
  await until(() => child.exitCode !== null || child.signalCode !== null)
  t.equal(child.exitCode, 0)
  t.ok(backend.seen.length > 0, 'it had asked for its health')
})

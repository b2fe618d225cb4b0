import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import t, { type Test } from 'tap'
import { get, openGroup, until, upstreamConfig } from '../group.ts'

const [before, after] = ['127.0.0.1', '127.0.0.2']

/** The same port at two addresses; each answer says which. `/slow` answers are ended by the test. */
async function startBoth(
  t: Test,
): Promise<{ port: number; slow: ServerResponse[]; connections: () => number }> {
  const slow: ServerResponse[] = []
  let opened = 0
  let port = 0
  for (const address of [before, after]) {
    const server = createServer((request, response) => {
      if (request.headers.host === 'slow.test') {
        response.write('begun at ')
        slow.push(response)
      } else response.end(address)
    })
    server.keepAliveTimeout = 60_000
    server.on('connection', () => (opened += 1))
    server.listen(port, address)
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
    t.teardown(() => {
      server.closeAllConnections()
      server.close()
    })
  }
  return { port, slow, connections: () => opened }
}

function resolver(): { lookup: LookupFunction; address: string; asked: number } {
  const state = {
    address: before,
    asked: 0,
    lookup: ((_hostname, _options, callback) => {
      state.asked += 1
      callback(null, [{ address: state.address, family: 4 }])
    }) satisfies LookupFunction,
  }
  return state
}

t.test(
  'a name that moves is followed, while a request under way ends where it began',
  async (t) => {
    const { port, slow } = await startBoth(t)
    const dns = resolver()
    const opened = openGroup(t, upstreamConfig([`http://api.internal:${port}`]), {
      lookup: dns.lookup,
      connectionLifetimeMs: 150,
    })
    const long = get(opened.take(), 'slow.test')
    await until(() => slow.length === 1)
    t.equal((await get(opened.take())).text, before)
    dns.address = after
    const served: string[] = []
    // Never idle: without an end to its life the connection would be used for ever.
    const requests: Promise<unknown>[] = []
    await until(() => {
      requests.push(get(opened.take()).then(({ text }) => served.push(text)))
      return served.slice(-10).join() === Array(10).fill(after).join()
    })
    t.equal(served[0], before, 'a connection is used until it is old')
    await Promise.all(requests)
    slow[0]?.end(before)
    t.strictSame(await long, { status: 200, text: `begun at ${before}` })
    t.ok(dns.asked < 50, 'not once per request')
  },
)

t.test('a connection to an address need not be opened anew', async (t) => {
  const { port, connections } = await startBoth(t)
  const opened = openGroup(t, upstreamConfig([`http://${before}:${port}`]), {
    connectionLifetimeMs: 1,
  })
  await get(opened.take())
  for (let each = 0; each < 5; each += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    await get(opened.take())
  }
  t.equal(connections(), 1)
})

t.test('a name that cannot be resolved is a failure like any other', async (t) => {
  const { port } = await startBoth(t)
  const opened = openGroup(t, upstreamConfig([`http://api.internal:${port}`]), {
    lookup: (_hostname, _options, callback) => {
      callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), [])
    },
  })
  await t.rejects(get(opened.take()), { code: 'ENOTFOUND' })
  t.equal(opened.group.inFlight, 0)
})

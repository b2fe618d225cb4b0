import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createKeySetFetcher } from '../../src/issuers/fetch.ts'

async function serve(t: Test, answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
}

async function fetchFrom(t: Test, answer: RequestListener): Promise<unknown> {
  const url = await serve(t, answer)
  const fetcher = createKeySetFetcher()
  t.teardown(() => fetcher.close())
  return fetcher.fetch(`${url}/jwks?tenant=1`)
}

t.test('a set is fetched from exactly where it is said to be', async (t) => {
  const asked: unknown[] = []
  const set = await fetchFrom(t, (request, response) => {
    asked.push([request.method, request.url, request.headers.cookie, request.headers.authorization])
    response.end('{"keys":[]}')
  })
  t.same(set, { keys: [] })
  t.same(asked, [['GET', '/jwks?tenant=1', undefined, undefined]])
})

t.test(
  'a redirect is not followed: nobody but the configuration says where keys come from',
  async (t) => {
    let reached = 0
    const elsewhere = await serve(t, (_request, response) => {
      reached += 1
      response.end('{"keys":[]}')
    })
    for (const status of [301, 302, 307, 308]) {
      const answer: RequestListener = (_request, response) => {
        response.writeHead(status, { location: elsewhere }).end('{"keys":[]}')
      }
      await t.rejects(fetchFrom(t, answer), {
        message: `the issuer answered with status ${String(status)}`,
      })
    }
    t.equal(reached, 0)
  },
)

t.test('an answer that is no set of keys is none', async (t) => {
  const answers: Readonly<Record<string, RequestListener>> = {
    'an error': (_request, response) => response.writeHead(500).end('{"keys":[]}'),
    'no content': (_request, response) => response.writeHead(204).end(),
    'no JSON': (_request, response) => response.end('<html>'),
    'half of it': (_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"keys"')
      setTimeout(() => response.destroy(), 20)
    },
    'too much, announced': (_request, response) =>
      response.writeHead(200, { 'content-length': '70000' }).end(' '.repeat(70_000)),
    'too much, not announced': (_request, response) => {
      for (let index = 0; index < 70; index += 1) response.write(' '.repeat(1000))
      response.end('{"keys":[]}')
    },
  }
  for (const [why, answer] of Object.entries(answers)) await t.rejects(fetchFrom(t, answer), why)
})

t.test('an issuer that is slow is given 2 s, whatever it sends meanwhile', async (t) => {
  const answers: Readonly<Record<string, RequestListener>> = {
    'no head': () => undefined,
    'a body without an end': (_request, response) => {
      const timer = setInterval(() => response.write(' '), 100)
      response.on('close', () => {
        clearInterval(timer)
      })
    },
  }
  await Promise.all(
    Object.entries(answers).map(async ([why, answer]) => {
      const before = performance.now()
      await t.rejects(Promise.race([fetchFrom(t, answer), delay(4000)]), why)
      const tookMs = performance.now() - before
      t.ok(tookMs > 1500 && tookMs < 3500, `${why}: ${String(Math.round(tookMs))} ms`)
    }),
  )
})

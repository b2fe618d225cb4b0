import t from 'tap'
import { startGateway } from '../../helper/gateway.ts'
import { bodyOf, flood, open, startStreams, until } from './fastapi.ts'

t.test('the head and every event pass at once, to the byte', async (t) => {
  const backend = await startStreams(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const wire = await open(t, gateway.url)
  t.match(wire.text(), /^HTTP\/1\.1 200 [^]*content-type: text\/event-stream\r\n/)
  t.equal(bodyOf(wire.text()), '', 'before there is an event')
  const [stream] = backend.opened
  let expected = ''
  for (const text of [
    'data: 1\n\n',
    'da',
    'ta: 2\r\n',
    '\r\n',
    ': ping\n\n',
    '\u00ef\u00bb\u00bf',
    '\n',
  ]) {
    stream!.write(text, 'latin1')
    expected += text
    await wire.until(/\r\n$/)
    await until(() => bodyOf(wire.text()) === expected)
  }
  stream!.end('data: last')
  await wire.until(/\r\n0\r\n\r\n$/)
  t.equal(bodyOf(wire.text()), `${expected}data: last`)
})

t.test('a stream is known by its type, however that is written', async (t) => {
  for (const headers of [
    { 'content-type': 'Text/Event-Stream' },
    { 'content-type': 'text/event-stream; charset=utf-8' },
    { vary: 'content-type', 'cache-control': 'no-cache', 'content-type': 'text/event-stream ;a=b' },
  ]) {
    const backend = await startStreams(t, headers)
    const gateway = await startGateway(t, { upstream: backend.url })
    const wire = await open(t, gateway.url)
    for (const [name, value] of Object.entries(headers)) {
      t.ok(wire.text().includes(`\r\n${name}: ${value}\r\n`), value)
    }
    await gateway.gateway.close()
    await wire.until(/event: sallyport\n/)
  }
})

t.test('what a page asks with reaches FastAPI, on every method that opens a stream', async (t) => {
  const backend = await startStreams(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  await open(t, gateway.url, '/open/events?a=b', [
    'Last-Event-ID: 42 \u00e4',
    'Cache-Control: no-store',
  ])
  t.match(backend.seen[0], {
    url: '/open/events?a=b',
    headers: {
      accept: 'text/event-stream',
      'last-event-id': '42 \u00e4',
      'cache-control': 'no-store',
    },
  })
  const reply = gateway.request('/open/events', { method: 'POST', body: '{"prompt":"hi"}' })
  await until(() => backend.opened.length === 2)
  t.equal(backend.seen[1]!.body.toString(), '{"prompt":"hi"}')
  backend.opened[1]!.end('data: posted\n\n')
  t.equal((await reply).text, 'data: posted\n\n')
})

t.test('silence is judged by the idle time of streams, and 0 is for ever', async (t) => {
  const backend = await startStreams(t)
  const gateway = await startGateway(t, {
    upstream: `  api: { url: "${backend.url}", timeout: { idle: 50ms, stream: 0 } }`,
    routes: `
  - { name: short, match: { path: /short/* }, upstream: api, auth: none, timeout: { stream: 300ms } }
  - { name: open, match: { path: /open/* }, upstream: api, auth: none }`,
  })
  const patient = await open(t, gateway.url)
  const short = await open(t, gateway.url, '/short/events')
  for (let count = 0; count < 4; count += 1) {
    await new Promise((resolve) => setTimeout(resolve, 150))
    backend.opened[1]!.write('data: 1\n\n')
  }
  t.notOk(short.socket.closed, 'an event within its time')
  await short.ended
  t.notMatch(short.text(), /\r\n0\r\n\r\n$/, 'cut, and visibly')
  await until(() => backend.aborted() === 1)
  backend.opened[0]!.write('data: late\n\n')
  await patient.until(/late/)
})

t.test('a stream takes no slot once it has begun, of the upstream or of its client', async (t) => {
  const backend = await startStreams(t)
  const gateway = await startGateway(t, {
    upstream: `  api: { url: "${backend.url}", maxInFlight: 1 }`,
    server: 'limits: { requestsPerClient: 1 }',
  })
  for (let count = 0; count < 5; count += 1) await open(t, gateway.url)
  t.equal(backend.opened.length, 5)
  t.equal((await gateway.request('/open/plain')).status, 204)
})

t.test('one client has so many streams and no more, and FastAPI hears of it', async (t) => {
  const backend = await startStreams(t)
  const gateway = await startGateway(t, {
    upstream: backend.url,
    server: 'limits: { streamsPerClient: 2 }',
  })
  const mine = [await open(t, gateway.url), await open(t, gateway.url)]
  const tooMany = await gateway.request('/open/events')
  t.match(tooMany, { status: 503, headers: { 'content-type': 'application/problem+json' } })
  t.match(tooMany.json(), { code: 'overloaded', action: 'retry' })
  await until(() => backend.aborted() === 1)
  const other = await open(t, gateway.url, '/open/events', ['X-Forwarded-For: 10.1.2.3'])
  t.match(other.text(), /^HTTP\/1\.1 200 /, 'another client is another client')
  mine[0]!.socket.destroy()
  await until(() => backend.aborted() === 2)
  t.match((await open(t, gateway.url)).text(), /^HTTP\/1\.1 200 /, 'there is room again')
  backend.opened[1]!.end()
  await mine[1]!.until(/\r\n0\r\n\r\n$/)
  t.match(
    (await open(t, gateway.url)).text(),
    /^HTTP\/1\.1 200 /,
    'and when one has ended by itself',
  )
})

t.test('a page that does not read holds FastAPI back', async (t) => {
  const backend = await startStreams(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const wire = await open(t, gateway.url)
  wire.socket.pause()
  const taken = await flood(backend.opened[0]!)
  t.ok(taken < 32_000_000, `${taken} bytes were taken`)
  const last = new Promise<void>((resolve) => {
    wire.socket.on('data', (text: string) => {
      if (text.includes('data: last')) resolve()
    })
  })
  wire.socket.resume()
  backend.opened[0]!.end('data: last\n\n')
  await last
})

import type { ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { startBackend, startRawBackend } from '../../helper/backend.ts'
import { startGateway, type Reply } from '../../helper/gateway.ts'
import { dial, statuses, tell } from './wire.ts'

const asked = 'GET /open/x HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n'

/** Makes FastAPI say some bytes and close, and resolves with what a client sees of them. */
async function startSpeaker(t: Test): Promise<(bytes: string) => Promise<string>> {
  let next = ''
  const url = await startRawBackend(t, (socket) => {
    socket.end(next, 'latin1')
  })
  // So many failures in a row would open the breaker, and nobody would be asked any more.
  const gateway = await startGateway(t, { upstream: `  api: { url: "${url}", breaker: none }` })
  return (bytes) => {
    next = bytes
    return tell(t, gateway.url, asked)
  }
}

t.test('an answer that is no HTTP, or could be read in two ways, is a 502', async (t) => {
  const say = await startSpeaker(t)
  const rest = 'Content-Length: 2\r\n\r\nok'
  const cases = {
    'two lengths': `HTTP/1.1 200 OK\r\nContent-Length: 3\r\n${rest}`,
    'a list of lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok',
    'a negative length': 'HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok',
    'a length and chunked':
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    'a coding that we would take off and not put on again':
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    'a folded header': `HTTP/1.1 200 OK\r\nX: a\r\n b\r\n${rest}`,
    'a space before the colon': `HTTP/1.1 200 OK\r\nX : a\r\n${rest}`,
    'a space in a name': `HTTP/1.1 200 OK\r\nX Y: a\r\n${rest}`,
    'a NUL': `HTTP/1.1 200 OK\r\nX: a\u0000b\r\n${rest}`,
    'a bare CR': `HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: a=b\r\n${rest}`,
    'a control character': `HTTP/1.1 200 OK\r\nX: a\u0001b\r\n${rest}`,
    'no status': `HTTP/1.1 OK\r\n${rest}`,
    'a status of two digits': `HTTP/1.1 42 X\r\n${rest}`,
    'a status of five digits': `HTTP/1.1 99999 X\r\n${rest}`,
    'a status that no class has': `HTTP/1.1 600 X\r\n${rest}`,
    'a status of zero': `HTTP/1.1 000 X\r\n${rest}`,
    'another protocol': 'SSH-2.0-OpenSSH_9.2\r\n',
    'a protocol that nobody asked for':
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nhello',
    'a header of 100 kB': `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n${rest}`,
    'half a head': 'HTTP/1.1 200 OK\r\nContent-Le',
    nothing: '',
  }
  for (const [why, bytes] of Object.entries(cases)) {
    const text = await say(bytes)
    t.match(text, /^HTTP\/1\.1 502 [^]*"code":"upstream_(?:invalid|unreachable)"/, why)
    t.match(text, /cache-control: no-store/i, why)
    t.notMatch(text, /127\.0\.0\.1|UND_ERR|HPE_|ECONN/, `${why}: nothing of the inside is told`)
  }
})

t.test('an answer that ends too early never looks complete', async (t) => {
  const say = await startSpeaker(t)
  const measured = await say('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok')
  t.match(measured, /content-length: 5\r\n[^]*\r\n\r\nok$/i)
  for (const tail of ['zz\r\nok\r\n', '5\r\nab', '5\r\nabcdefgh\r\n0\r\n\r\n', '']) {
    const text = await say(
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n${tail}`,
    )
    t.match(text, /^HTTP\/1\.1 (?:200 [^]*ok|502 )/, tail)
    t.notMatch(text, /\r\n0\r\n\r\n$/, `${tail}: the last chunk was never sent`)
  }
})

t.test('an answer before the answer does no harm', async (t) => {
  const say = await startSpeaker(t)
  const last = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
  for (const interim of [
    'HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\nX-User-Id: mallory\r\n\r\n',
    'HTTP/1.1 102 Processing\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\nSet-Cookie: better-auth.session_token=x\r\n\r\n'.repeat(50),
  ]) {
    const text = await say(interim + last)
    t.equal(statuses(text).at(-1), 200)
    t.match(text, /\r\n\r\nok$/)
    t.notMatch(text, /mallory|session_token/)
  }
})

t.test('a body where none may be is not sent, and poisons nothing', async (t) => {
  const cases: readonly (readonly [method: string, answer: string])[] = [
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'],
    ['GET', 'HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\npoison'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\npoison'],
  ]
  for (const [method, answer] of cases) {
    const backend = await startBackend(t, (request, response) => {
      if (request.url === '/open/last') response.end('good')
      else response.socket?.write(answer)
    })
    const gateway = await startGateway(t, { upstream: backend.url })
    const wire = await dial(t, gateway.url)
    wire.send(`${method} /open/first HTTP/1.1\r\nHost: app.test\r\n\r\n`)
    await wire.until(/\r\n\r\n/)
    wire.send('GET /open/last HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n')
    const text = await wire.ended
    t.match(text, /good/, answer)
    t.notMatch(text, /poison/, answer)
  }
})

t.test('a 204 announces no body', async (t) => {
  const say = await startSpeaker(t)
  const text = await say('HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok')
  t.match(text, /^HTTP\/1\.1 204 /)
  t.notMatch(text, /content-length|ok$/i)
})

t.test('bytes above ASCII in an answer pass as they are', async (t) => {
  const say = await startSpeaker(t)
  const text = await say(
    'HTTP/1.1 200 OK\r\nX-Name: caf\xe9 \xff\r\nContent-Length: 2\r\n\r\n\xc3\x28',
  )
  t.match(text, /x-name: caf\xe9 \xff\r\n/i)
  t.match(text, /\r\n\r\n\xc3\x28$/)
})

t.test("FastAPI's trailers end here", async (t) => {
  const say = await startSpeaker(t)
  const text = await say(
    'HTTP/1.1 200 OK\r\nTrailer: Set-Cookie\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nSet-Cookie: better-auth.session_token=x\r\nX-User-Id: x\r\n\r\n',
  )
  t.match(text, /^HTTP\/1\.1 200 /)
  t.notMatch(text, /session_token|x-user-id|trailer/i)
})

t.test('surplus bytes of FastAPI never answer somebody else', async (t) => {
  const backend = await startBackend(t, (request, response) => {
    const body = `for ${String(request.url)}`
    response.writeHead(200, { 'content-length': body.length })
    response.end(body)
    // Behind the answer, on the same connection, one that nobody asked for.
    response.socket?.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison')
  })
  const gateway = await startGateway(t, { upstream: backend.url })
  for (let index = 0; index < 20; index += 1) {
    const reply = await gateway.request(`/open/${index}`)
    if (reply.status === 200) t.equal(reply.text, `for /open/${index}`)
    else t.equal(reply.status, 502)
  }
})

t.test('a connection to FastAPI has one request on it at a time', async (t) => {
  const sockets = new Set<unknown>()
  const held: ServerResponse[] = []
  const backend = await startBackend(t, (request, response) => {
    if (request.url === '/open/first') return void response.end()
    sockets.add(request.socket)
    held.push(response)
    if (held.length === 8) for (const each of held) each.end()
  })
  const gateway = await startGateway(t, { upstream: backend.url })
  await gateway.request('/open/first')
  // HEAD is what undici would send ahead if it were let.
  const ask = (): Promise<Reply> => gateway.request('/open/x', { method: 'HEAD' })
  await Promise.all(Array.from({ length: 8 }, ask))
  t.equal(sockets.size, 8, '8 requests at once came over as many connections')
})

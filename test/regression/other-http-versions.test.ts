import t from 'tap'
import { startBackend } from '../helper/backend.ts'
import { startGateway } from '../helper/gateway.ts'
import { tell } from '../gateway/hostile/wire.ts'

// Node's parser reads a request line without a version as HTTP/0.9 and takes HTTP/2.0 for a text protocol. Whoever stands before
// us frames such a message differently or not at all: to HTTP/0.9 there are no headers, and no answer has a head. The same holds
// for a transfer coding in HTTP/1.0 (RFC 9112 §6.1: the framing is faulty).
t.test('what claims to be another version of HTTP than 1.0 and 1.1 is refused', async (t) => {
  const backend = await startBackend(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const rest = 'Host: app.test\r\nConnection: close\r\n'
  for (const head of [
    `GET /open/x\r\n${rest}\r\n`,
    `GET /open/x HTTP/0.9\r\n${rest}\r\n`,
    `GET /open/x HTTP/2.0\r\n${rest}\r\n`,
    `POST /open/x HTTP/1.0\r\n${rest}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
  ]) {
    const text = await tell(t, gateway.url, head)
    t.match(text, /^HTTP\/1\.1 400 [^]*"code":"request_malformed"/, head)
    t.match(text, /connection: close/i, head)
  }
  t.same(backend.seen, [])
  const old = await tell(t, gateway.url, `GET /open/x HTTP/1.0\r\n${rest}\r\n`)
  t.match(old, /^HTTP\/1\.1 200 /, 'health checks still speak HTTP/1.0')
})

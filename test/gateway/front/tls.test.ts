import { copyFileSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { startGateway } from '../../helper/gateway.ts'
import { makeCertificates } from '../../upstream/certificates.ts'
import { dial } from '../hostile/wire.ts'
import { dialTls, startTlsGateway } from './tls.ts'

const certificates = makeCertificates(t)
const get = (path: string, more = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: app.test\r\n${more}\r\n`

if (certificates !== null) {
  const { issue, caFile } = certificates
  const ca = readFileSync(caFile)
  const pair = issue('first', 'DNS:app.test')
  const second = issue('second', 'DNS:app.test')
  const upstream = 'http://127.0.0.1:9'

  t.test('HTTPS is served with TLS 1.2 and 1.3, and HTTP/1.1 in it', async (t) => {
    const { url, seen } = await startBackend(t)
    const gateway = await startTlsGateway(t, pair, { upstream: url })
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const offer = { minVersion: version, maxVersion: version, ALPNProtocols: ['h2', 'http/1.1'] }
      const { socket, until } = await dialTls(t, gateway, { ca, ...offer })
      t.equal(socket.getProtocol(), version)
      t.equal(socket.alpnProtocol, 'http/1.1')
      socket.write(get('/open/x'))
      t.match(await until(/\r\n\r\n/), /^HTTP\/1\.1 200 /)
    }
    t.match(seen[0]?.headers, { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'app.test' })
    const old = {
      ca,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL:@SECLEVEL=0',
    } as const
    await t.rejects(dialTls(t, gateway, old), { code: /SSL|ECONNRESET|VERSION/ })
    await t.rejects(dialTls(t, gateway, { ca, ALPNProtocols: ['h2'] }), {
      code: /ALPN|NO_APPLICATION/,
    })
  })

  t.test(
    'a reload takes a new certificate, and refuses a broken one with everything else',
    async (t) => {
      const gateway = await startTlsGateway(t, pair, { upstream })
      const served = async (): Promise<string> => {
        const { socket } = await dialTls(t, gateway, { ca })
        return String(socket.getPeerCertificate().subject.CN)
      }
      t.equal(await served(), 'first')
      const put = (file: string, name: string): void => {
        copyFileSync(file, join(gateway.folder, name))
      }
      put(second.certFile, 'tls.crt')
      t.throws(
        () => {
          gateway.reload({ server: 'tls: { cert: ./tls.crt, key: ./tls.key }' })
        },
        {
          name: 'StartupError',
          message: /^server\.tls\.key: .* does not belong to the certificate/,
        },
      )
      t.equal(await served(), 'first')
      put(second.keyFile, 'tls.key')
      gateway.reload({ server: 'tls: { cert: ./tls.crt, key: ./tls.key }' })
      t.equal(await served(), 'second')
    },
  )

  t.test('a start without a certificate that can be used is refused by its key', async (t) => {
    const text = (file: string): string => readFileSync(file, 'utf8')
    const [cert, key] = [text(pair.certFile), text(pair.keyFile)]
    const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
      [{ 'tls.key': key }, /^server\.tls\.cert: .* cannot be read \(ENOENT\)$/],
      [{ 'tls.crt': cert }, /^server\.tls\.key: .* cannot be read \(ENOENT\)$/],
      [{ 'tls.crt': '', 'tls.key': key }, /^server\.tls\.cert: .* holds no certificate in PEM$/],
      [{ 'tls.crt': cert, 'tls.key': cert }, /^server\.tls\.key: .* holds no key in PEM/],
      [
        { 'tls.crt': cert, 'tls.key': text(second.keyFile) },
        /^server\.tls\.key: .* does not belong/,
      ],
    ]
    const server = 'tls: { cert: ./tls.crt, key: ./tls.key }'
    const publicUrl = 'https://app.test'
    for (const [files, message] of cases) {
      const start = startGateway(t, { upstream, publicUrl, server, files })
      await t.rejects(start, { name: 'StartupError', message })
    }
  })

  t.test(
    'what is no TLS, or only half of it, ends its own connection and nothing else',
    async (t) => {
      const { url } = await startBackend(t)
      const deadlines = { handshakeMs: 300 }
      const gateway = await startTlsGateway(t, pair, { upstream: url, deadlines })
      const plain = await dial(t, gateway.url)
      plain.send(get('/open/x'))
      t.notMatch(await plain.ended, /HTTP/, 'plain HTTP')
      const junk = await dial(t, gateway.url)
      junk.send(`\x16\x03\x01\xff\xff${'\0'.repeat(400)}`)
      await junk.ended
      const stalled = await dial(t, gateway.url)
      const silent = await dial(t, gateway.url)
      stalled.send('\x16\x03\x01\x02\x00\x01\x00')
      const before = performance.now()
      await Promise.all([stalled.ended, silent.ended])
      t.ok(performance.now() - before < 3000, 'a handshake that stalls is cut')
      for (let index = 0; index < 20; index += 1) {
        const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
        socket.on('error', () => undefined)
        await once(socket, 'connect')
        socket.write('\x16\x03\x01')
        setTimeout(() => socket.resetAndDestroy(), index)
      }
      const { socket, until } = await dialTls(t, gateway, { ca })
      socket.write(get('/open/x'))
      t.match(await until(/\r\n\r\n/), /^HTTP\/1\.1 200 /)
    },
  )

  t.test('inside TLS too, a late head is answered and silence is not', async (t) => {
    const deadlines = { headersMs: 300, checkMs: 50 }
    const gateway = await startTlsGateway(t, pair, { upstream, deadlines })
    const late = await dialTls(t, gateway, { ca })
    const silent = await dialTls(t, gateway, { ca })
    late.socket.write('GET /open/x HTTP/1.1\r\nHost: app.test\r\nX-Slow: ')
    t.match(await late.ended, /^HTTP\/1\.1 400 [^]*"code":"request_malformed"/)
    t.equal(await silent.ended, '')
  })

  t.test('inside TLS too, a body that nobody will read ends with its connection', async (t) => {
    const gateway = await startTlsGateway(t, pair, { upstream })
    const { socket, ended } = await dialTls(t, gateway, { ca })
    const head = 'POST /api/x HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n'
    socket.write(`${head}3e8\r\n${'x'.repeat(1000)}\r\n`)
    const answer = await ended
    t.match(answer, /^HTTP\/1\.1 401 [^]*connection: close[^]*"code":"credential_missing"/)
  })
}

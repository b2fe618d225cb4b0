import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo, LookupFunction } from 'node:net'
import { connect, type SecureVersion, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import type { UpstreamTlsConfig } from '../../../src/config/types.ts'
import { StartupError } from '../../../src/errors/startup.ts'
import { createUpstream } from '../../../src/upstream/upstream.ts'
import { makeCertificates, scribble, type Pair } from '../certificates.ts'
import { get, openGroup, until, upstreamConfig, type Opened } from '../group.ts'

const made = makeCertificates(t)
const name = 'api.internal'

interface Secured {
  readonly port: number
  readonly connections: () => number
  readonly resumed: () => number
  /** The common names of the client certificates that were shown. */
  readonly clients: readonly string[]
}

async function startSecured(
  t: Test,
  pair: Pair,
  clientCaFile?: string,
  maxVersion: SecureVersion = 'TLSv1.3',
): Promise<Secured> {
  let connections = 0
  let resumed = 0
  const clients: string[] = []
  const server = createServer(
    {
      cert: readFileSync(pair.certFile),
      key: readFileSync(pair.keyFile),
      maxVersion,
      // Would be taken by whoever offers it.
      ALPNProtocols: ['h2', 'http/1.1'],
      ...(clientCaFile === undefined
        ? {}
        : { ca: readFileSync(clientCaFile), requestCert: true, rejectUnauthorized: true }),
    },
    (_request, response) => response.end('served'),
  )
  server.on('secureConnection', (socket: TLSSocket) => {
    connections += 1
    if (socket.isSessionReused()) resumed += 1
    if (clientCaFile !== undefined) clients.push(String(socket.getPeerCertificate().subject.CN))
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { port, connections: () => connections, resumed: () => resumed, clients }
}

/** Every name is this machine. */
const lookup: LookupFunction = (_hostname, _options, callback) => {
  callback(null, [{ address: '127.0.0.1', family: 4 }])
}

function open(t: Test, origin: string, tls: Partial<UpstreamTlsConfig> | null): Opened {
  const whole = tls && { caFile: null, clientCert: null, serverName: null, ...tls }
  return openGroup(t, upstreamConfig([origin], { tls: whole }), { lookup })
}

async function refusedWith(t: Test, opened: Opened, code: RegExp, why: string): Promise<void> {
  await t.rejects(get(opened.take()), { code }, why)
}

if (made !== null) {
  const { caFile, issue, selfSigned } = made
  const good = issue('good', `DNS:${name}`)

  t.test(
    'a certificate that nobody vouches for is refused, whatever the environment says',
    async (t) => {
      const self = await startSecured(t, selfSigned('self', `DNS:${name}`))
      const issued = await startSecured(t, good)
      const opened = open(t, `https://${name}:${self.port}`, null)
      await refusedWith(t, opened, /DEPTH_ZERO_SELF_SIGNED_CERT/, 'self-signed')
      const unknown = open(t, `https://${name}:${issued.port}`, null)
      await refusedWith(t, unknown, /UNABLE_TO_VERIFY_LEAF_SIGNATURE/, 'an unknown CA')
      const other = open(t, `https://${name}:${self.port}`, { caFile })
      await refusedWith(t, other, /DEPTH_ZERO_SELF_SIGNED_CERT/, 'another CA than the configured')
      process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
      t.teardown(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'])
      await refusedWith(t, opened, /DEPTH_ZERO_SELF_SIGNED_CERT/, 'with the variable')
    },
  )

  t.test('a certificate of the configured CA is accepted for the name of the target', async (t) => {
    const { port } = await startSecured(t, good)
    const opened = open(t, `https://${name}:${port}`, { caFile })
    t.strictSame(await get(opened.take()), { status: 200, text: 'served' })
    const wrong = open(t, `https://other.internal:${port}`, { caFile })
    await refusedWith(t, wrong, /ERR_TLS_CERT_ALTNAME_INVALID/, 'the name of another')
  })

  t.test('the Host of a request has no say in which certificate is right', async (t) => {
    const { port, connections } = await startSecured(t, good)
    const opened = open(t, `https://${name}:${port}`, { caFile })
    for (const host of ['app.test', 'www.app.test', 'app.test:8443']) {
      t.match(await get(opened.take(), host), { status: 200 }, host)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    t.equal(connections(), 1, 'nor is another connection needed')
    const evil = await startSecured(t, issue('evil', 'DNS:app.test'))
    const fooled = open(t, `https://${name}:${evil.port}`, { caFile })
    await t.rejects(get(fooled.take(), 'app.test'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  })

  t.test('a handshake is resumed only where the name was right', async (t) => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const { port, resumed } = await startSecured(t, good, undefined, version)
      const opened = open(t, `https://${name}:${port}`, { caFile })
      const both = (): Promise<unknown> => Promise.all([get(opened.take()), get(opened.take())])
      await both()
      await new Promise((resolve) => setTimeout(resolve, 20))
      await Promise.all([both(), both()])
      t.ok(resumed() > 0, version)
      const wrong = open(t, `https://other.internal:${port}`, { caFile })
      for (let each = 0; each < 3; each += 1) {
        await refusedWith(t, wrong, /ERR_TLS_CERT_ALTNAME_INVALID/, version)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  })

  t.test('serverName says which name the certificate must have', async (t) => {
    const { port } = await startSecured(t, good)
    const opened = open(t, `https://127.0.0.1:${port}`, { caFile, serverName: name })
    t.match(await get(opened.take()), { status: 200 })
    const wrong = open(t, `https://${name}:${port}`, { caFile, serverName: 'other.internal' })
    await refusedWith(t, wrong, /ERR_TLS_CERT_ALTNAME_INVALID/, 'even where the target has it')
  })

  t.test('a target that is an address is looked for in the certificate', async (t) => {
    const { port } = await startSecured(t, issue('address', 'IP:127.0.0.1'))
    const opened = open(t, `https://127.0.0.1:${port}`, { caFile })
    t.match(await get(opened.take()), { status: 200 })
    const named = await startSecured(t, good)
    const wrong = open(t, `https://127.0.0.1:${named.port}`, { caFile })
    await refusedWith(t, wrong, /ERR_TLS_CERT_ALTNAME_INVALID/, 'a name is no address')
  })

  t.test('a client certificate is shown to who asks for one', async (t) => {
    const client = issue('gateway', 'DNS:gateway.internal')
    const { port, clients } = await startSecured(t, good, caFile)
    const opened = open(t, `https://${name}:${port}`, { caFile, clientCert: client })
    t.match(await get(opened.take()), { status: 200 })
    t.strictSame(clients, ['gateway'])
    const without = open(t, `https://${name}:${port}`, { caFile })
    await t.rejects(get(without.take()))
    const stranger = selfSigned('stranger', 'DNS:gateway.internal')
    const other = open(t, `https://${name}:${port}`, { caFile, clientCert: stranger })
    await t.rejects(get(other.take()))
    t.equal(clients.length, 1)
  })

  t.test('what opens its own connections has all it needs', async (t) => {
    const client = issue('socket', 'DNS:gateway.internal')
    const { port, clients } = await startSecured(t, good, caFile)
    const { take } = open(t, `https://${name}:${port}`, { caFile, clientCert: client })
    const socket = connect({ ...take().target.tls, host: '127.0.0.1', port })
    await once(socket, 'secureConnect')
    await until(() => clients.length === 1)
    t.strictSame(clients, ['socket'])
    socket.destroy()
    const plain = open(t, 'http://127.0.0.1:1', null)
    t.equal(plain.take().target.tls, null)
  })

  t.test('health checks are no less careful', async (t) => {
    const { port } = await startSecured(t, good)
    const health = {
      path: '/',
      intervalMs: 10,
      timeoutMs: 500,
      unhealthyAfter: 1,
      healthyAfter: 1,
    }
    const config = upstreamConfig([`https://${name}:${port}`], { health })
    const unknown = openGroup(t, config, { lookup })
    await until(() => unknown.log.length > 0)
    t.equal(unknown.log[0]?.message, 'upstream target is unhealthy')
    const tls = { caFile, clientCert: null, serverName: null }
    const known = openGroup(t, { ...config, tls }, { lookup, host: 'app.test' })
    await new Promise((resolve) => setTimeout(resolve, 100))
    t.strictSame(known.log, [])
  })

  t.test('a file that cannot be used is one sentence at the start', async (t) => {
    const { certFile, keyFile } = good
    const other = issue('other', 'DNS:other')
    const text = scribble(t, 'nothing of use\n')
    const missing = `${keyFile}.missing`
    const cases: readonly (readonly [Partial<UpstreamTlsConfig>, RegExp])[] = [
      [{ caFile: missing }, /^upstreams\.api\.tls\.ca: \S+ does not exist$/],
      [{ caFile: text }, /^upstreams\.api\.tls\.ca: \S+ holds no certificate in PEM$/],
      [{ caFile: keyFile }, /^upstreams\.api\.tls\.ca: \S+ holds no certificate in PEM$/],
      [{ caFile: t.testdirName }, /^upstreams\.api\.tls\.ca: \S+ cannot be read \(EISDIR\)$/],
      [
        { clientCert: { certFile: missing, keyFile } },
        /^upstreams\.api\.tls\.cert: \S+ does not exist$/,
      ],
      [
        { clientCert: { certFile, keyFile: missing } },
        /^upstreams\.api\.tls\.key: \S+ does not exist$/,
      ],
      [{ clientCert: { certFile, keyFile: text } }, /^upstreams\.api\.tls\.key: .* no private key/],
      [
        { clientCert: { certFile, keyFile: other.keyFile } },
        /^upstreams\.api\.tls\.key: this is not the key of upstreams\.api\.tls\.cert$/,
      ],
    ]
    for (const [tls, message] of cases) {
      const whole = { caFile: null, clientCert: null, serverName: null, ...tls }
      const config = upstreamConfig([`https://${name}:1`], { tls: whole })
      const deps = { clock: { now: Date.now, monotonic: Date.now }, log: console as never }
      const error = t.throws(() => createUpstream(config, deps)) as Error
      t.ok(error instanceof StartupError, String(error))
      t.match(error.message, message)
    }
  })
}

import { copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { Certificate } from '../../src/front/tls.ts'
import { makeCertificates, type Pair } from '../upstream/certificates.ts'

const certificates = makeCertificates(t)
const usualPollMs = 20

interface Followed {
  readonly pair: Pair
  readonly said: readonly string[]
  readonly certificate: Certificate
  readonly put: (pair: Pair) => void
  /** The name in the certificate that a new connection gets. */
  readonly served: () => Promise<string>
  /** Waits until that name is this one; rejects after three seconds. */
  readonly until: (name: string) => Promise<void>
  readonly dial: () => Promise<TLSSocket>
  readonly close: () => void
}

/** An HTTPS server whose certificate follows the files of a pair. */
async function follow(t: Test, first: Pair, pollMs = usualPollMs): Promise<Followed> {
  const folder = t.testdir({})
  const pair = { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') }
  const put = ({ certFile, keyFile }: Pair): void => {
    copyFileSync(certFile, pair.certFile)
    copyFileSync(keyFile, pair.keyFile)
  }
  put(first)
  const said: string[] = []
  const log = (message: string): unknown => said.push(message)
  const logger = { info: log, error: log } as unknown as FastifyBaseLogger
  const certificate = new Certificate(pair, logger, pollMs)
  const server = createServer(certificate.pair, (_request, response) => response.end('hello'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  let close = (): void => undefined
  const app = {
    server,
    addHook: (_name: string, hook: (app: unknown, done: () => void) => void) => {
      close = () => {
        hook(null, () => undefined)
      }
    },
  }
  certificate.follow(app as unknown as FastifyInstance)
  t.teardown(() => {
    close()
    server.closeAllConnections()
    server.close()
  })
  const served = async (): Promise<string> => {
    const socket = await dial(t, server)
    const { subject } = socket.getPeerCertificate()
    socket.destroy()
    return String(subject.CN)
  }
  return {
    pair,
    said,
    certificate,
    put,
    served,
    until: async (name) => {
      const until = performance.now() + 3000
      while ((await served()) !== name) {
        if (performance.now() > until) throw new Error(`${name} is not served`)
      }
    },
    dial: () => dial(t, server),
    close: () => {
      close()
    },
  }
}

async function dial(t: Test, server: Server): Promise<TLSSocket> {
  const { port } = server.address() as AddressInfo
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  socket.on('error', () => undefined)
  t.teardown(() => socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

async function ask(socket: TLSSocket): Promise<string> {
  socket.write('GET / HTTP/1.1\r\nHost: app.test\r\n\r\n')
  const [answer] = (await once(socket, 'data')) as [Buffer]
  return answer.toString()
}

function passLooks(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * usualPollMs * 2))
}

if (certificates !== null) {
  const { selfSigned } = certificates
  const [old, young] = [selfSigned('old', 'DNS:app.test'), selfSigned('young', 'DNS:app.test')]

  t.test('a new certificate is for new connections, and ends none', async (t) => {
    const { put, served, until, dial, said } = await follow(t, old)
    const open = await dial()
    t.equal(await served(), 'old')
    t.match(await ask(open), /^HTTP\/1\.1 200/)
    put(young)
    await until('young')
    t.match(await ask(open), /^HTTP\/1\.1 200/)
    t.equal(open.getPeerCertificate().subject.CN, 'old')
    t.same(said, ['server.tls: a new certificate is in force'])
  })

  t.test('a link that is swapped, as Kubernetes does, is followed', async (t) => {
    const { pair, until } = await follow(t, old)
    const folder = t.testdirName
    for (const [name, from] of Object.entries({ one: old, two: young })) {
      mkdirSync(join(folder, name))
      copyFileSync(from.certFile, join(folder, name, 'tls.crt'))
      copyFileSync(from.keyFile, join(folder, name, 'tls.key'))
    }
    symlinkSync('one', join(folder, 'data'))
    for (const file of [pair.certFile, pair.keyFile]) {
      rmSync(file)
      symlinkSync(join('data', file.endsWith('crt') ? 'tls.crt' : 'tls.key'), file)
    }
    symlinkSync('two', join(folder, 'next'))
    renameSync(join(folder, 'next'), join(folder, 'data'))
    await until('young')
    t.pass()
  })

  t.test('a pair that does not fit is said once, and the one before stays', async (t) => {
    const { pair, put, served, until, said } = await follow(t, old)
    copyFileSync(young.certFile, pair.certFile)
    await passLooks(4)
    t.equal(said.length, 1)
    t.match(
      said[0],
      /^server\.tls\.key: .* does not belong to the certificate in .*stays in force$/,
    )
    t.equal(await served(), 'old')
    writeFileSync(pair.certFile, 'no certificate')
    await passLooks(4)
    t.match(said[1], /^server\.tls\.cert: .* holds no certificate in PEM/)
    rmSync(pair.certFile)
    await passLooks(4)
    t.match(said[2], /^server\.tls: the files cannot be read \(ENOENT\)/)
    t.equal(await served(), 'old')
    put(young)
    await until('young')
    t.equal(said.length, 4)
  })

  t.test(
    'one file may be written before the other: nothing is said of that at the first look',
    async (t) => {
      const pollMs = 300
      const { pair, put, said } = await follow(t, old, pollMs)
      const untilSaid = async (count: number): Promise<void> => {
        while (said.length < count) await passLooks(0.2)
      }
      put(young)
      await untilSaid(1)
      const looked = performance.now()
      copyFileSync(old.certFile, pair.certFile)
      await untilSaid(2)
      t.match(said[1], /does not belong/)
      t.ok(performance.now() - looked > 1.5 * pollMs)
    },
  )

  t.test('once the gateway has closed, nobody looks any more', async (t) => {
    const { put, served, said, close } = await follow(t, old)
    close()
    put(young)
    await passLooks(4)
    t.equal(await served(), 'old')
    t.same(said, [])
  })
}

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { hasProgram } from '../helper/program.ts'
import type { Pair } from '../upstream/certificates.ts'

/** Serves HTTP, or with a pair HTTPS, until the test ends. Returns the origin, with `localhost` as its host. */
export async function serve(t: Test, handler: RequestListener, pair?: Pair): Promise<string> {
  const server =
    pair === undefined
      ? createServer(handler)
      : createTlsServer(
          { cert: readFileSync(pair.certFile), key: readFileSync(pair.keyFile) },
          handler,
        )
  const port = await listen(t, server)
  return `${pair === undefined ? 'http' : 'https'}://localhost:${port}`
}

/** Takes connections, and does with them what it is told. Returns the origin. */
export async function serveSockets(t: Test, onSocket: (socket: Socket) => void): Promise<string> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined)
    onSocket(socket)
  })
  return `http://localhost:${await listen(t, server)}`
}

async function listen(t: Test, server: Server): Promise<number> {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
  })
  server.listen(0, 'localhost')
  await once(server, 'listening')
  t.teardown(async () => {
    server.close()
    for (const socket of open) socket.destroy()
    await once(server, 'close')
  })
  return (server.address() as AddressInfo).port
}

/** Passes every request on to an origin. @param aheadMs by how much its `Date` is ahead of the truth */
export function passOn(origin: string, aheadMs = 0): RequestListener {
  return (incoming, outgoing) => {
    const { method, url, headers } = incoming
    const onward = request(`${origin}${url ?? '/'}`, { method, headers }, (answer) => {
      const date = new Date(Date.now() + aheadMs).toUTCString()
      outgoing.writeHead(answer.statusCode ?? 502, { ...answer.headers, date })
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    incoming.pipe(onward)
  }
}

export interface DatedCertificates {
  readonly caFile: string
  /** A certificate of that CA. @param days from now, from when on and until when it is valid */
  readonly issue: (names: string, days: { readonly from: number; readonly to: number }) => Pair
}

const authority = `[ca]
default_ca = own
[own]
database = index.txt
serial = serial
new_certs_dir = .
certificate = ca.crt
private_key = ca.key
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
`

/** Makes certificates that were valid, are, or will be; null where there is no openssl: skipped aloud, or failed when `CI=true`. */
export function datedCertificates(t: Test): DatedCertificates | null {
  if (!hasProgram(t, 'openssl', ['version'])) return null
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-certificates-'))
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  const run = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  }
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'] as const
  const usage = ['-addext', 'keyUsage=critical,keyCertSign'] as const
  const ca = ['-subj', '/CN=ca', '-days', '1000', '-keyout', 'ca.key', '-out', 'ca.crt'] as const
  run('req', '-x509', ...key, ...usage, ...ca)
  writeFileSync(join(folder, 'ca.cnf'), authority)
  writeFileSync(join(folder, 'index.txt'), '')
  writeFileSync(join(folder, 'serial'), '1000')
  let made = 0
  return {
    caFile: join(folder, 'ca.crt'),
    issue: (names, { from, to }) => {
      made += 1
      const [csr, crt, own] = ['csr', 'crt', 'key'].map((kind) => `${made}.${kind}`) as [
        string,
        string,
        string,
      ]
      const subject = ['-subj', `/CN=${made}`, '-addext', `subjectAltName=${names}`] as const
      run('req', '-new', ...key, ...subject, '-keyout', own, '-out', csr)
      const dates = ['-startdate', daysFromNow(from), '-enddate', daysFromNow(to)] as const
      run('ca', '-config', 'ca.cnf', '-batch', '-notext', ...dates, '-in', csr, '-out', crt)
      return { certFile: join(folder, crt), keyFile: join(folder, own) }
    },
  }
}

/** `YYYYMMDDHHMMSSZ`. */
function daysFromNow(days: number): string {
  const date = new Date(Date.now() + days * 86_400_000).toISOString()
  return `${date.slice(0, 19).replace(/[-T:]/g, '')}Z`
}

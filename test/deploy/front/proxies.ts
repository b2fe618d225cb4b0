import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import { startGateway, type Running } from '../../helper/gateway.ts'
import { freePort } from '../../helper/program.ts'
import { aroundNginx, atHome, nginxArgs, untilOpen } from '../../helper/servers/front.ts'
import { findProgram, missing } from '../../helper/servers/installed.ts'
import { makeCertificates, type Certificates, type Pair } from '../../upstream/certificates.ts'
import { deploy } from '../tools.ts'
import { startUpstream, type Upstream } from './upstream.ts'

/** A proxy of `deploy/` in front of a gateway, with a certificate that the test made. */
export interface Fronted {
  readonly gateway: Running
  readonly upstream: Upstream
  /** Ports on 127.0.0.1, with TLS and without. */
  readonly port: number
  readonly plainPort: number
  readonly ca: string
}

interface Places {
  readonly home: string
  readonly port: number
  readonly plainPort: number
  readonly gateway: string
  readonly adminPort: string
  readonly pair: Pair
}

export interface Kind {
  readonly program: 'nginx' | 'caddy' | 'haproxy'
  /** Below `deploy/`. */
  readonly file: string
  /** The file with the places of the test, and the name `app.test`. */
  readonly adapt: (text: string, places: Places) => string
  /** Arguments that only look at a file. */
  readonly check: (file: string, home: string) => readonly string[]
  readonly run: (file: string, home: string) => readonly string[]
}

export const kinds: readonly Kind[] = [
  {
    program: 'nginx',
    file: 'nginx/front.conf',
    adapt: (text, { home, port, plainPort, gateway, pair }) =>
      aroundNginx(
        home,
        text
          .replaceAll('app.example.com;', 'app.test;')
          .replace('listen 80;', `listen 127.0.0.1:${plainPort};`)
          .replace('listen 443 ', `listen 127.0.0.1:${port} `)
          .replace('127.0.0.1:8080', gateway)
          .replace('/etc/nginx/tls/app.example.com.crt', pair.certFile)
          .replace('/etc/nginx/tls/app.example.com.key', pair.keyFile),
      ),
    check: (file, home) => [...nginxArgs(file, home), '-t'],
    run: nginxArgs,
  },
  {
    program: 'caddy',
    file: 'caddy/front.Caddyfile',
    adapt: (text, { port, plainPort, gateway, pair }) =>
      `{\n\tadmin off\n\thttp_port ${plainPort}\n\thttps_port ${port}\n}\n${text
        .replace('app.example.com {', `app.test {\n\ttls ${pair.certFile} ${pair.keyFile}`)
        .replace('127.0.0.1:8080', gateway)}`,
    check: (file) => ['validate', '--config', file, '--adapter', 'caddyfile'],
    run: (file) => ['run', '--config', file, '--adapter', 'caddyfile'],
  },
  {
    program: 'haproxy',
    file: 'haproxy/haproxy.cfg',
    adapt: (text, { home, port, plainPort, gateway, adminPort, pair }) => {
      const pem = join(home, 'front.pem')
      writeFileSync(pem, readFileSync(pair.certFile, 'utf8') + readFileSync(pair.keyFile, 'utf8'))
      return text
        .replace('bind :80\n', `bind 127.0.0.1:${plainPort}\n`)
        .replace('bind :443 ', `bind 127.0.0.1:${port} `)
        .replace('/etc/haproxy/app.example.com.pem', pem)
        .replace('check port 9090', `check port ${adminPort}`)
        .replaceAll('10.0.0.11:8080', gateway)
        .replace(/^ {2}server gateway-2 .*\n/gm, '')
    },
    check: (file) => ['-c', '-f', file],
    run: (file) => ['-f', file, '-db'],
  },
]

const routes = `
  - { name: open, match: { path: /open/* }, upstream: api, auth: none, websocket: true, bodyLimit: 100MB }
  - { name: api, match: { path: /api/* }, upstream: api }`

/** Starts everything; null where a part is missing, which has then been said. */
export async function startFronted(t: Test, kind: Kind): Promise<Fronted | null> {
  const program = findProgram(kind.program, ['/usr/sbin', '/usr/bin'])
  if (program === null)
    return missing(t, `no ${kind.program}: install the package "${kind.program}"`)
  const certificates = makeCertificates(t)
  if (certificates === null) return null
  const upstream = await startUpstream(t)
  const { pair, ca } = keep(certificates)
  const publicUrl = 'https://app.test'
  const gateway = await startGateway(t, { upstream: upstream.url, routes, publicUrl })
  const [port, plainPort] = [await freePort(), await freePort()]
  const folder = join(gateway.folder, 'proxy')
  mkdirSync(folder, { recursive: true })
  const there: Pair = { certFile: join(folder, 'front.crt'), keyFile: join(folder, 'front.key') }
  writeFileSync(there.certFile, pair.cert)
  writeFileSync(there.keyFile, pair.key)
  const file = join(folder, kind.program === 'caddy' ? 'Caddyfile' : 'proxy.conf')
  const text = kind.adapt(readFileSync(join(deploy, kind.file), 'utf8'), {
    home: folder,
    port,
    plainPort,
    gateway: new URL(gateway.url).host,
    adminPort: new URL(gateway.adminUrl ?? '').port,
    pair: there,
  })
  writeFileSync(file, text)
  await start(t, program, kind, file)
  for (const each of [port, plainPort]) await untilOpen(each, kind.program)
  return { gateway, upstream, port, plainPort, ca }
}

/** The certificates as text: the folder of the gateway is made anew where they are. */
function keep({ caFile, issue }: Certificates): {
  readonly pair: { readonly cert: string; readonly key: string }
  readonly ca: string
} {
  const { certFile, keyFile } = issue('front', 'DNS:app.test')
  const [cert, key, ca] = [certFile, keyFile, caFile].map((file) => readFileSync(file, 'utf8')) as [
    string,
    string,
    string,
  ]
  return { pair: { cert, key }, ca }
}

async function start(t: Test, program: string, kind: Kind, file: string): Promise<void> {
  const home = dirname(file)
  const env = atHome(home)
  t.doesNotThrow(
    () => execFileSync(program, kind.check(file, home), { env, stdio: 'pipe' }),
    `${kind.program} understands deploy/${kind.file}`,
  )
  const server = spawn(program, kind.run(file, home), { env, stdio: 'ignore' })
  const ended = once(server, 'exit')
  t.teardown(async () => {
    server.kill('SIGKILL')
    await ended
  })
}

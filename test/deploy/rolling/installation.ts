import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import { startFastApi } from '../../fastapi/python.ts'
import { gatewayProcess, type GatewayProcess } from '../../helper/process.ts'
import { freePort, hasProgram, startProgram } from '../../helper/program.ts'
import { startPostgres } from '../../helper/servers/postgres.ts'
import { startRedis } from '../../helper/servers/redis.ts'
import { makeCertificates } from '../../upstream/certificates.ts'

/** The name that browsers use; it is in the certificate of the proxy. */
export const host = 'app.test'

/** What an operator runs: two gateways, the stores that they share, FastAPI behind them and HAProxy in front. */
export interface Installation {
  /** Port of HAProxy's TLS listener on 127.0.0.1. */
  readonly port: number
  readonly ca: string
  readonly gateways: readonly GatewayProcess[]
  /** Resolves when HAProxy sends requests to all of them. */
  readonly allUp: () => Promise<void>
}

interface Addresses {
  readonly port: number
  readonly adminPort: number
}

const sample = join(import.meta.dirname, '../../../deploy/haproxy/haproxy.cfg')

/** Starts everything; null where a part is missing, which has then been said. */
export async function startInstallation(t: Test): Promise<Installation | null> {
  if (!hasProgram(t, 'haproxy', ['-v'])) return null
  const certificates = makeCertificates(t)
  const postgres = await startPostgres(t)
  const redis = await startRedis(t)
  const fastApi = await startFastApi(t)
  if (certificates === null || postgres === null || redis === null || fastApi === null) return null
  const { caFile, issue } = certificates
  const pair = issue('front', `DNS:${host}`)
  // A second `testdir` would empty the first.
  const folder = dirname(caFile)
  const addresses: Addresses[] = []
  for (const _ of [1, 2]) addresses.push({ port: await freePort(), adminPort: await freePort() })
  const gateways = addresses.map((each, index) => {
    const home = join(folder, `gateway-${index + 1}`)
    mkdirSync(home)
    const stores = { database: postgres.url, redis: redis.url, upstream: fastApi.url }
    writeFileSync(join(home, 'gateway.config.yaml'), toYaml(each, stores))
    return gatewayProcess(t, home)
  })
  await Promise.all(gateways.map((gateway) => gateway.start()))
  const [port, stats] = [await freePort(), await freePort()]
  const pem = join(folder, 'front.pem')
  writeFileSync(pem, readFileSync(pair.certFile, 'utf8') + readFileSync(pair.keyFile, 'utf8'))
  const file = join(folder, 'haproxy.cfg')
  writeFileSync(file, await toHaproxy({ port, stats, pem, addresses }))
  startProgram(t, 'haproxy', ['-f', file, '-db'])
  const ca = readFileSync(caFile, 'utf8')
  return { port, ca, gateways, allUp: () => untilAllUp(stats, gateways.length) }
}

function toYaml(
  { port, adminPort }: Addresses,
  stores: { readonly database: string; readonly redis: string; readonly upstream: string },
): string {
  return `server: { listen: "127.0.0.1:${port}", publicUrl: "https://${host}", trustedProxies: [127.0.0.1], shutdown: { drain: 2s, grace: 5s } }
admin: { listen: "127.0.0.1:${adminPort}" }
auth: { signUp: open, database: "${stores.database}" }
redis: ${stores.redis}
upstreams: { api: "${stores.upstream}" }
routes:
  - { name: uploads, match: { path: /api/uploads, methods: [POST] }, upstream: api, bodyLimit: 20MB }
  - { name: chat, match: { path: /api/chat }, upstream: api, websocket: true }
  - { name: api, match: { path: /api/* }, upstream: api }
`
}

/** The file of `deploy/` with the addresses of this test, checks five times as often as there, and a page of statistics. */
async function toHaproxy(places: {
  readonly port: number
  readonly stats: number
  readonly pem: string
  readonly addresses: readonly Addresses[]
}): Promise<string> {
  const { port, stats, pem, addresses } = places
  let text = readFileSync(sample, 'utf8')
    .replace('bind :80\n', `bind 127.0.0.1:${await freePort()}\n`)
    .replace('bind :443 ', `bind 127.0.0.1:${port} `)
    .replace('/etc/haproxy/app.example.com.pem', pem)
    .replace('port 9090 inter 1s', 'inter 200ms')
  for (const [index, { port, adminPort }] of addresses.entries()) {
    // Twice: where they are asked how they are, on a port of their own each, and where they are not.
    const place = `10.0.0.1${index + 1}:8080`
    text = text
      .replace(place, `127.0.0.1:${port} port ${adminPort}`)
      .replace(place, `127.0.0.1:${port}`)
  }
  return `${text}
frontend statistics
  bind 127.0.0.1:${stats}
  stats enable
  stats uri /
`
}

async function untilAllUp(stats: number, count: number): Promise<void> {
  for (;;) {
    const csv = await fetch(`http://127.0.0.1:${stats}/;csv`).then(
      (reply) => reply.text(),
      () => '',
    )
    // `UP 1/2` is one that has missed a check.
    if ((csv.match(/^gateways,gateway-\d,.*?,UP[ ,]/gm) ?? []).length === count) return
    await pause(50)
  }
}

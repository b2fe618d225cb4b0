import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { startBackend, type Backend } from '../../helper/backend.ts'
import { signUp, startGateway, type Running, type SignedIn } from '../../helper/gateway.ts'
import { freePort } from '../../helper/program.ts'
import { aroundNginx, atHome, nginxArgs, untilOpen } from '../../helper/servers/front.ts'
import { findProgram, missing } from '../../helper/servers/installed.ts'
import { send, type Sent } from './questions.ts'

const deploy = join(import.meta.dirname, '../../../deploy')

/** A proxy that asks the gateway about every request and forwards it to FastAPI itself. */
export interface Proxied {
  readonly gateway: Running
  readonly backend: Backend
  readonly ada: SignedIn
  /** Sends a request to the proxy, whose `Host` is the gateway's. */
  readonly ask: (
    path: string,
    headers?: Readonly<Record<string, string>>,
    method?: string,
  ) => Promise<Sent>
  readonly url: string
}

const routes = `
  - { name: open, match: { path: /open/* }, upstream: api, auth: none }
  - { name: maybe, match: { path: /maybe/* }, upstream: api, auth: optional }
  - { name: admin, match: { path: /admin/* }, upstream: api, auth: { roles: [admin] } }
  - { name: live, match: { path: /live/* }, upstream: api, websocket: true }
  - { name: write, match: { path: /write/*, methods: [POST] }, upstream: api }
  - { name: api, match: { path: /api/* }, upstream: api }`

/** Starts everything with a file of `deploy/`, whose addresses are replaced; null where there is no such proxy. */
export async function startProxied(
  t: Test,
  dialect: 'nginx' | 'caddy',
  file: string,
): Promise<Proxied | null> {
  const program = findProgram(dialect, ['/usr/sbin', '/usr/bin'])
  if (program === null) return missing(t, `no ${dialect}: install the package "${dialect}"`)
  const backend = await startBackend(t)
  const yaml = `verify: { from: [127.0.0.1], dialect: ${dialect} }`
  const gateway = await startGateway(t, { upstream: backend.url, routes, yaml })
  const port = await freePort()
  const text = readFileSync(join(deploy, file), 'utf8')
    .replaceAll('127.0.0.1:8080', new URL(gateway.url).host)
    .replaceAll('127.0.0.1:8000', new URL(backend.url).host)
    .replaceAll(/^:80 /gm, `http://:${String(port)} `)
    .replaceAll('listen 80;', `listen 127.0.0.1:${String(port)};`)
  await run(t, program, dialect, gateway.folder, text)
  await untilOpen(port, dialect)
  const ada = await signUp(gateway)
  const url = `http://127.0.0.1:${String(port)}`
  return {
    gateway,
    backend,
    ada,
    url,
    ask: (path, headers, method) => send(url, path, headers, method),
  }
}

async function run(
  t: Test,
  program: string,
  dialect: 'nginx' | 'caddy',
  folder: string,
  text: string,
): Promise<void> {
  const home = join(folder, dialect)
  mkdirSync(home)
  const file = join(home, dialect === 'nginx' ? 'nginx.conf' : 'Caddyfile')
  writeFileSync(file, dialect === 'nginx' ? aroundNginx(home, text) : aroundCaddy(text))
  const given =
    dialect === 'nginx'
      ? nginxArgs(file, home)
      : ['run', '--config', file, '--adapter', 'caddyfile']
  const server = spawn(program, given, { stdio: 'ignore', env: atHome(home) })
  const ended = once(server, 'exit')
  t.teardown(async () => {
    server.kill('SIGTERM')
    await ended
  })
}

function aroundCaddy(text: string): string {
  return `{\n\tadmin off\n\tauto_https off\n}\n${text}`
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { startBackend, type Backend } from '../../helper/backend.ts'
import { signUp, startGateway, type Running, type SignedIn } from '../../helper/gateway.ts'
import { freePort } from '../../helper/program.ts'
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
  for (let patience = 500; !(await isOpen(port)); patience -= 1) {
    if (patience === 0) throw new Error(`${dialect} does not come up`)
    await sleep(10)
  }
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
      ? ['-p', home, '-e', join(home, 'error.log'), '-c', file]
      : ['run', '--config', file, '--adapter', 'caddyfile']
  const server = spawn(program, given, {
    stdio: 'ignore',
    env: { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home },
  })
  const ended = once(server, 'exit')
  t.teardown(async () => {
    server.kill('SIGTERM')
    await ended
  })
}

function aroundNginx(home: string, text: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${join(home, kind)};`)
    .join('\n')
  return `daemon off;
master_process off;
pid ${join(home, 'nginx.pid')};
events { worker_connections 64; }
http {
access_log off;
${temporary}
${text}
}`
}

function aroundCaddy(text: string): string {
  return `{\n\tadmin off\n\tauto_https off\n}\n${text}`
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

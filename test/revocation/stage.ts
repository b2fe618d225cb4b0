import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import { WebSocketServer, type WebSocket } from 'ws'
import {
  origin,
  startGateway,
  startPeer,
  type Running,
  type StartOptions,
} from '../helper/gateway.ts'
import { closeOf, type Closed } from '../gateway/websocket/backend.ts'
import { connect } from '../gateway/websocket/client.ts'
import { freePort } from '../helper/program.ts'
import { call, signIn } from '../session/calls.ts'
import { pushSecret, startAuthServer, type AuthServer } from '../session/remote/server.ts'

/** Two gateways with the same users. */
export interface Nodes {
  readonly here: Running
  readonly there: Running
  /** Better Auth, where it runs elsewhere. */
  readonly remote: AuthServer | null
}

/** What of `gateway.config.yaml` says where things are kept. */
export interface Storage {
  readonly database?: string
  readonly redis?: string
  /** `auth.session.store`. */
  readonly store?: string
  /** Better Auth runs elsewhere, and its plugin tells both gateways. */
  readonly isRemote?: boolean
}

const routes = `
  - { name: live, match: { path: /live/* }, upstream: api, websocket: true }
  - { name: api, match: { path: /api/* }, upstream: api }
  - { name: admin, match: { path: /admin/* }, upstream: api, websocket: true, auth: { roles: [admin] } }
  - { name: team, match: { path: /team/* }, upstream: api, websocket: true, auth: { organization: true } }`

const module = {
  'auth.ts': `import { writeFileSync } from 'node:fs'
    import { admin, organization } from 'better-auth/plugins'
    export default {
      plugins: [admin(), organization()],
      user: { deleteUser: { enabled: true } },
      databaseHooks: { user: { create: { before: async (user) => ({
        data: { ...user, role: user.email.startsWith('root-') ? 'admin' : 'user' } }) } } },
      emailAndPassword: {
        // Hashing is no subject here, and hundreds of scrypt hashes would take their time.
        password: { hash: async (password) => password, verify: async ({ hash, password }) => hash === password },
        sendResetPassword: async ({ user, token }) => {
          writeFileSync(new URL('./reset-' + user.email, import.meta.url), token)
        },
      },
    }`,
}

/** Starts both, waits until they hear each other, and says so when one of them is alone. */
export async function startNodes(t: Test, storage: Storage): Promise<Nodes> {
  const upstream = await startFastApi(t)
  const { database, redis, store, isRemote } = storage
  if (isRemote === true) return startRemoteNodes(t, upstream)
  const options: StartOptions = {
    upstream,
    routes,
    auth: `signUp: open, module: ./auth.ts, ${store === undefined ? '' : `session: { store: ${store} }`}`,
    files: module,
    yaml: redis === undefined ? '' : `redis: ${redis}`,
    ...(database === undefined ? {} : { database }),
  }
  const here = await startGateway(t, options)
  return { here, there: await startPeer(t, here, options), remote: null }
}

async function startRemoteNodes(t: Test, upstream: string): Promise<Nodes> {
  const port = await freePort()
  const options: StartOptions = {
    upstream,
    routes,
    // The plugin calls them by their addresses.
    dev: true,
    auth: `mode: remote, url: "http://127.0.0.1:${port}", pushSecret: "${pushSecret}"`,
  }
  const here = await startGateway(t, options)
  const there = await startPeer(t, here, options)
  const gateways = [here.url, there.url]
  const remote = await startAuthServer(t, { port, gateways, pushSecret })
  for (const { log } of [here, there]) {
    while (!log.some(({ msg }) => /tells of revocations/.test(String(msg)))) await pause(10)
  }
  return { here, there, remote }
}

/** Answers requests with whom it was told, keeps event streams open and WebSockets too. */
async function startFastApi(t: Test): Promise<string> {
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    if (request.headers.accept === 'text/event-stream') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      return
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(request.headers))
  })
  const webSockets = new WebSocketServer({ server })
  webSockets.on('connection', (socket: WebSocket) => socket.on('error', () => undefined))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    webSockets.close()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What one session holds open and gets on one gateway. */
export class Device {
  readonly cookie: string
  readonly gateway: Running
  readonly path: string
  readonly #socket: Promise<Closed>
  readonly #stream: Promise<string>

  constructor(
    gateway: Running,
    cookie: string,
    path: string,
    socket: WebSocket,
    stream: Promise<string>,
  ) {
    this.gateway = gateway
    this.cookie = cookie
    this.path = path
    this.#socket = closeOf(socket)
    this.#stream = stream
  }

  /** Why its request, its WebSocket and its event stream no longer pass; each is waited for. */
  async fates(): Promise<readonly (string | number)[]> {
    return [await this.http(), await this.webSocket(), await this.eventStream()]
  }

  async http(): Promise<number | string> {
    const reply = await this.gateway.request(`${this.path}/x`, { headers: { cookie: this.cookie } })
    return reply.status === 200 ? 200 : String(reply.json()['code'])
  }

  async webSocket(): Promise<string> {
    return (await this.#socket).reason
  }

  async eventStream(): Promise<string> {
    return /"code":"(\w+)"/.exec(await this.#stream)?.[1] ?? 'cut'
  }
}

/** Opens a WebSocket and an event stream below `path`, and has the session cached there. */
export async function openDevice(
  t: Test,
  gateway: Running,
  cookie: string,
  path = '/live',
): Promise<Device> {
  const socket = await connect(t, gateway, `${path}/socket`, { headers: { cookie, origin } })
  const stream = Promise.withResolvers<string>()
  const abort = new AbortController()
  t.teardown(() => {
    abort.abort()
  })
  const headers = { cookie, accept: 'text/event-stream', 'x-forwarded-host': 'app.test' }
  const opened = Promise.withResolvers<undefined>()
  readStream(`${gateway.url}${path}/events`, headers, abort.signal, opened.resolve).then(
    stream.resolve,
    () => {
      stream.resolve('')
    },
  )
  await opened.promise
  const device = new Device(gateway, cookie, path, socket, stream.promise)
  const first = await device.http()
  if (first !== 200) throw new Error(`a live session is refused: ${String(first)}`)
  return device
}

async function readStream(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  onOpen: (nothing: undefined) => void,
): Promise<string> {
  const { request } = await import('node:http')
  const { hostname, port, pathname } = new URL(url)
  const outgoing = request({
    hostname,
    port,
    path: pathname,
    headers: { ...headers, host: 'app.test' },
    signal,
    agent: false,
  })
  outgoing.end()
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  onOpen(undefined)
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** Signs a new user up; answers with id, address and cookies. */
export async function newUser(gateway: Running, prefix = 'user') {
  const email = `${prefix}-${crypto.randomUUID()}@example.com`
  const body = { name: 'Ada', email, password: 'correct horse battery staple' }
  const reply = await call(gateway, '/sign-up/email', { body })
  if (reply.status !== 200) throw new Error(`sign-up answered ${reply.status}: ${reply.text}`)
  const { id } = reply.json()['user'] as { id: string }
  return { id, email, cookie: reply.cookie }
}

export { signIn }

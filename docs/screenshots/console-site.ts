import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { Pool, request as fetchOnce } from 'undici'
import { WebSocket, WebSocketServer } from 'ws'
import { loadConfig } from '../../src/config/load.ts'
import { createGateway } from '../../src/gateway.ts'
import { freePort } from '../../test/helper/program.ts'

export interface ConsoleSite {
  readonly adminUrl: string
  readonly token: string
  /** Lets something happen, as in a few seconds of a working day. */
  readonly happen: () => Promise<void>
  readonly close: () => Promise<void>
}

const yaml = (publicUrl: string, apiUrl: string, deadUrl: string): string => `
server: { listen: "127.0.0.1:${new URL(publicUrl).port}", publicUrl: "${publicUrl}", trustedProxies: [127.0.0.1], limits: { requestsPerClient: 2000 } }
admin: { listen: "127.0.0.1:0", token: "\${ADMIN_TOKEN}" }
auth: { database: ":memory:", signUp: open }
bearer: { secret: "\${JWT_SECRET}" }
upstreams:
  api: { targets: ["${apiUrl}"], health: { path: /health, interval: 1s } }
  reports: { targets: ["${apiUrl}", "${deadUrl}"], balance: least-pending, breaker: none }
routes:
  - { name: health, match: { path: /health }, upstream: api, auth: none }
  - { name: feed, match: { path: /api/feed, methods: [GET] }, upstream: api }
  - { name: live, match: { path: /api/live }, upstream: api, websocket: {} }
  - { name: admin, match: { path: /api/admin/* }, upstream: api, auth: { roles: [admin] } }
  - { name: mine, match: { path: "/api/users/{user_id}/*" }, upstream: api, auth: { owner: user_id } }
  - { name: search, match: { path: /api/search }, upstream: api, rateLimit: { requests: 120, per: 1m, by: ip } }
  - { name: reports, match: { path: /reports/* }, upstream: reports }
  - { name: api, match: { path: /api/* }, upstream: api }
`

/** A gateway whose last ten minutes have been busy, in front of an application that answers like one. */
export async function startConsoleSite(): Promise<ConsoleSite> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-console-'))
  const app = await startApplication()
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const file = join(folder, 'gateway.config.yaml')
  const dead = `http://127.0.0.1:${await freePort()}`
  writeFileSync(file, yaml(origin, app.url, dead))
  const secret = (): string => randomUUID() + randomUUID()
  const token = secret()
  const env = { BETTER_AUTH_SECRET: secret(), JWT_SECRET: secret(), ADMIN_TOKEN: token }
  const { config } = loadConfig({ file, env })
  let offsetMs = -600_000
  const gateway = await createGateway(config, {
    logger: pino({ level: 'silent' }),
    clock: {
      now: () => Date.now() + offsetMs,
      monotonic: () => performance.now() + 600_000 + offsetMs,
    },
  })
  const { adminUrl } = await gateway.listen()
  const day = new Day(origin)
  await day.open()
  while (offsetMs < 0) {
    await day.pass(Math.round(30 + 18 * Math.sin(offsetMs / 70_000) + 10 * Math.random()))
    offsetMs += 10_000
  }
  return {
    adminUrl: adminUrl ?? '',
    token,
    happen: () => day.pass(60),
    close: async () => {
      day.close()
      await gateway.close()
      app.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** What people and programs do. */
class Day {
  readonly #origin: string
  readonly #pool: Pool
  readonly #open: { readonly end: () => void }[] = []
  #cookies: readonly string[] = []

  constructor(origin: string) {
    this.#origin = origin
    this.#pool = new Pool(origin, { connections: 64 })
  }

  /** Signs people in, and lets some of them listen. */
  async open(): Promise<void> {
    const names = ['ada', 'charles', 'mary', 'grace']
    this.#cookies = await Promise.all(names.map((name, index) => this.#signUp(name, index)))
    const [ada = '', charles = '', mary = ''] = this.#cookies
    await Promise.all([
      this.#talk(ada),
      this.#talk(ada),
      this.#listen(ada),
      this.#talk(charles),
      this.#listen(mary),
    ])
  }

  async pass(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, (_each, index) => this.#one(index)))
  }

  close(): void {
    for (const { end } of this.#open) end()
    void this.#pool.destroy()
  }

  async #one(index: number): Promise<void> {
    const pick = Math.random()
    const cookie = this.#cookies[index % this.#cookies.length] ?? ''
    if (pick < 0.55) return this.#get('/api/todos?page=2', { cookie })
    if (pick < 0.7) return this.#get('/api/invoices/42', { cookie })
    if (pick < 0.78) return this.#get('/api/missing', { cookie })
    if (pick < 0.84) return this.#get('/reports/2026/q3', { cookie })
    if (pick < 0.89) return this.#get('/api/todos')
    if (pick < 0.92) return this.#get('/api/search?q=engine', { cookie })
    if (pick < 0.94) return this.#get('/api/admin/users', { cookie })
    if (pick < 0.955) return this.#get('/api/users/4711/settings', { cookie })
    if (pick < 0.97) return this.#get('/api/todos', { authorization: 'Bearer nonsense' })
    if (pick < 0.98) return this.#get('/wp-login.php')
    if (pick < 0.987) return this.#get('/api/..%2fadmin/users', { cookie })
    return this.#get('/api/crash', { cookie })
  }

  async #get(path: string, headers: Record<string, string> = {}): Promise<void> {
    const address = `203.0.113.${1 + Math.floor(Math.random() * 40)}`
    const { body } = await this.#pool.request({
      path,
      method: 'GET',
      headers: { ...headers, 'x-forwarded-for': address },
    })
    await body.dump()
  }

  async #signUp(name: string, index: number): Promise<string> {
    const { headers, body } = await fetchOnce(`${this.#origin}/api/auth/sign-up/email`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        origin: this.#origin,
        'x-forwarded-for': `198.51.100.${index + 1}`,
      },
      body: JSON.stringify({ name, email: `${name}@example.com`, password: randomUUID() }),
    })
    await body.dump()
    return [headers['set-cookie'] ?? []]
      .flat()
      .map((each) => each.split(';')[0])
      .join('; ')
  }

  async #talk(cookie: string): Promise<void> {
    const socket = new WebSocket(`${this.#origin.replace('http', 'ws')}/api/live`, {
      headers: { cookie, origin: this.#origin, 'x-forwarded-for': '203.0.113.7' },
    })
    socket.on('error', () => undefined)
    this.#open.push({
      end: () => {
        socket.terminate()
      },
    })
    await once(socket, 'open')
  }

  async #listen(cookie: string): Promise<void> {
    const { body } = await this.#pool.request({
      path: '/api/feed',
      method: 'GET',
      headers: { cookie, 'x-forwarded-for': '203.0.113.9' },
    })
    body.on('error', () => undefined)
    body.resume()
    this.#open.push({
      end: () => {
        body.destroy()
      },
    })
  }
}

/** Answers after a while that differs, as applications do. */
async function startApplication(): Promise<{ readonly url: string; readonly close: () => void }> {
  const server: Server = createServer((request, response) => {
    const { url = '' } = request
    if (url === '/api/feed') {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(': hello\n\n')
      return
    }
    const status = url === '/api/missing' ? 404 : url === '/api/crash' ? 500 : 200
    void delay(4 + 18 * Math.random() ** 3 + (Math.random() < 0.02 ? 70 : 0)).then(() => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end('{}')
    })
  })
  new WebSocketServer({ server, path: '/api/live' })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

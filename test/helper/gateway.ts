import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Test } from 'tap'
import { Pool, type Dispatcher } from 'undici'
import type { Clock } from '../../src/clock.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { AccessRecord } from '../../src/ops/access/record.ts'
import { createGateway, type Gateway, type GatewayOptions } from '../../src/gateway.ts'
import { authSecret, jwtSecret } from './token.ts'

/** The public name of every gateway in the tests; its port is not part of it. */
export const host = 'app.test'
export const origin = `http://${host}`

export interface StartOptions extends Omit<GatewayOptions, 'logger' | 'clock'> {
  /** YAML below `upstreams`, or the URL of `api`. */
  readonly upstream: string
  /** YAML list items; default: `/api/*` required, `/open/*` none, `/maybe/*` optional. */
  readonly routes?: string
  /** Further top-level YAML. */
  readonly yaml?: string
  /** Replaces the `auth` section's further keys, in flow style without braces. */
  readonly auth?: string
  readonly publicUrl?: string
  /** `server.shutdown` in flow style without braces; default `grace: 1s`. */
  readonly shutdown?: string
  /** Further keys of `server` in flow style without braces. */
  readonly server?: string
  /** Replaces `admin`, in flow style without braces. */
  readonly admin?: string
  /** Default `127.0.0.1`: the tests name their clients' addresses themselves. */
  readonly trustedProxies?: string
  readonly files?: Readonly<Record<string, string>>
  /** `auth.database`; default a file in the folder of the gateway. */
  readonly database?: string
}

export interface Running {
  readonly url: string
  readonly adminUrl: string | null
  readonly gateway: Gateway
  readonly folder: string
  /** What became of each request so far, in the order of their ends. */
  readonly records: readonly AccessRecord[]
  /** Log lines so far, parsed. */
  readonly log: readonly Record<string, unknown>[]
  readonly clock: { offsetMs: number }
  /** Writes the file anew with these options changed, and puts it in force as a reload does. Throws what a reload throws. */
  readonly reload: (changes: Partial<StartOptions>) => void
  readonly request: (path: string, options?: CallOptions) => Promise<Reply>
  /** Sends bytes and resolves with everything that came back until the connection closed. */
  readonly raw: (bytes: string) => Promise<string>
}

export interface CallOptions {
  readonly method?: Dispatcher.HttpMethod
  readonly headers?: Record<string, string | string[]> | string[]
  readonly body?: string | Buffer
}

export interface Reply {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly text: string
  /** The body as JSON; throws when it is none. */
  readonly json: () => Record<string, unknown>
  /** The `Cookie` header that a browser would send after this answer. */
  readonly cookie: string
}

const defaultRoutes = `
  - { name: api, match: { path: /api/* }, upstream: api }
  - { name: open, match: { path: /open/* }, upstream: api, auth: none }
  - { name: maybe, match: { path: /maybe/* }, upstream: api, auth: optional }`

/** Starts a real gateway on a free port with a database of its own; stops it when the test ends. */
export async function startGateway(t: Test, options: StartOptions): Promise<Running> {
  return startIn(t, t.testdir({ ...options.files }), options)
}

/** Starts another gateway with the same database and the same files. */
export function startPeer(
  t: Test,
  { folder }: Pick<Running, 'folder'>,
  options: StartOptions,
): Promise<Running> {
  return startIn(t, folder, options)
}

async function startIn(t: Test, folder: string, options: StartOptions): Promise<Running> {
  const file = join(folder, 'gateway.config.yaml')
  writeFileSync(file, toYaml(options))
  const env = { BETTER_AUTH_SECRET: authSecret, JWT_SECRET: jwtSecret }
  const { config } = loadConfig({ file, env })
  const log: Record<string, unknown>[] = []
  const records: AccessRecord[] = []
  const time = { offsetMs: 0 }
  const clock: Clock = {
    now: () => Date.now() + time.offsetMs,
    monotonic: () => performance.now() + time.offsetMs,
  }
  const logger = pino(
    { level: 'debug' },
    { write: (line: string) => log.push(JSON.parse(line) as Record<string, unknown>) },
  )
  const { dev, tracer, wrapSource, deadlines, remoteDeadlines, sessionsHeld } = options
  const gateway = await createGateway(config, {
    logger,
    clock,
    onRequest: (record) => records.push(record),
    ...(dev === undefined ? {} : { dev }),
    ...(tracer === undefined ? {} : { tracer }),
    ...(wrapSource === undefined ? {} : { wrapSource }),
    ...(deadlines === undefined ? {} : { deadlines }),
    ...(remoteDeadlines === undefined ? {} : { remoteDeadlines }),
    ...(sessionsHeld === undefined ? {} : { sessionsHeld }),
  })
  t.teardown(() => gateway.close())
  const { url, adminUrl } = await gateway.listen()
  const pool = new Pool(url)
  t.teardown(() => pool.destroy())
  return {
    url,
    adminUrl,
    gateway,
    folder,
    log,
    records,
    clock: time,
    reload: (changes) => {
      writeFileSync(file, toYaml({ ...options, ...changes }))
      gateway.reload(loadConfig({ file, env }).config)
    },
    request: (path, call) => send(pool, path, call),
    raw: (bytes) => sendRaw(url, bytes),
  }
}

function toYaml(options: StartOptions): string {
  const upstreams = options.upstream.startsWith('http')
    ? `{ api: "${options.upstream}" }`
    : `\n${options.upstream}`
  return `version: 1
server: { listen: "127.0.0.1:0", publicUrl: "${options.publicUrl ?? origin}", shutdown: { ${options.shutdown ?? 'grace: 1s'} }, trustedProxies: [${options.trustedProxies ?? '127.0.0.1'}], ${options.server ?? ''} }
admin: { ${options.admin ?? 'listen: "127.0.0.1:0"'} }
auth: { ${databaseOf(options)}${options.auth ?? 'signUp: open'} }
${options.yaml ?? ''}
upstreams: ${upstreams}
routes:${options.routes ?? defaultRoutes}
`
}

function databaseOf({ auth, database = 'sqlite:./auth.db' }: StartOptions): string {
  return auth?.includes('mode: remote') === true ? '' : `database: "${database}", `
}

async function send(pool: Pool, path: string, options: CallOptions = {}): Promise<Reply> {
  const { method = 'GET', headers = {}, body = null } = options
  const withHost = Array.isArray(headers) ? ['host', host, ...headers] : { host, ...headers }
  const answer = await pool.request({ path, method, headers: withHost, body })
  const text = await answer.body.text()
  const cookies = [answer.headers['set-cookie'] ?? []].flat()
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text,
    json: () => JSON.parse(text) as Record<string, unknown>,
    cookie: cookies.map((cookie) => cookie.split(';')[0]).join('; '),
  }
}

async function sendRaw(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', () => undefined)
  socket.write(bytes, 'latin1')
  await once(socket, 'close')
  return Buffer.concat(chunks).toString('latin1')
}

/** A user who has just signed up. */
export interface SignedIn {
  readonly id: string
  readonly email: string
  readonly cookie: string
}

export const password = 'correct horse battery staple'

/** Signs a new user up through the gateway. */
export async function signUp(gateway: Running, email = 'ada@example.com'): Promise<SignedIn> {
  const reply = await gateway.request('/api/auth/sign-up/email', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': someAddress() },
    body: JSON.stringify({ name: 'Ada', email, password }),
  })
  if (reply.status !== 200) throw new Error(`sign-up answered ${reply.status}: ${reply.text}`)
  const { id } = reply.json()['user'] as { id: string }
  return { id, email, cookie: reply.cookie }
}

/** An address of its own: Better Auth counts attempts by address, and a test may sign up more often than a person. */
export function someAddress(): string {
  const part = (): number => 1 + Math.floor(Math.random() * 250)
  return `10.${part()}.${part()}.${part()}`
}

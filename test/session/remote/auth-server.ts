// A Better Auth that runs elsewhere: a process of its own, as an application has it. Options come from the environment as JSON.
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import { betterAuth, type BetterAuthOptions } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import { admin, customSession, organization } from 'better-auth/plugins'
import { sallyport } from '../../../src/better-auth/index.ts'
import { answerPage } from './application/pages.ts'
import type { ServerOptions } from './server.ts'

const given = JSON.parse(process.env['AUTH_SERVER'] ?? '{}') as ServerOptions & {
  readonly file: string
}

// Hashing is no subject here, and takes its time.
const password = {
  hash: (text: string) => Promise.resolve(text),
  verify: ({ hash, password }: { hash: string; password: string }) =>
    Promise.resolve(hash === password),
}

function pluginsOf(): NonNullable<BetterAuthOptions['plugins']> {
  const { gateways, pushSecret } = given
  return [
    admin(),
    organization(),
    ...(gateways === undefined ? [] : [sallyport({ gateways, secret: pushSecret })]),
    ...(given.customSession === true
      ? [customSession(({ user }) => Promise.resolve({ who: user.name }))]
      : []),
  ]
}

const memory = new Map<string, string>()
const secondaryStorage: BetterAuthOptions['secondaryStorage'] = {
  get: (key) => Promise.resolve(memory.get(key) ?? null),
  set: (key, value) => {
    memory.set(key, value)
    return Promise.resolve()
  },
  delete: (key) => {
    memory.delete(key)
    return Promise.resolve()
  },
  getAndDelete: (key) => {
    const value = memory.get(key) ?? null
    memory.delete(key)
    return Promise.resolve(value)
  },
  increment: (key) => {
    const next = Number(memory.get(key) ?? 0) + 1
    memory.set(key, String(next))
    return Promise.resolve(next)
  },
}

const options: BetterAuthOptions = {
  baseURL: given.publicUrl,
  secret: given.secret,
  database: new DatabaseSync(given.file, { timeout: 5000 }),
  ...(given.inStorage === true ? { secondaryStorage } : {}),
  emailAndPassword: {
    enabled: true,
    password,
    revokeSessionsOnPasswordReset: true,
    sendResetPassword: ({ token }) => {
      writeFileSync(`${given.file}.reset`, token)
      return Promise.resolve()
    },
  },
  user: { deleteUser: { enabled: true } },
  session: given.session ?? {},
  rateLimit: { enabled: false },
  plugins: pluginsOf(),
}

const { runMigrations } = await getMigrations(options)
await runMigrations()
const auth = betterAuth(options)
const handle = toNodeHandler(auth)

/** What the tests count: requests by path, and what they brought. */
const asked: { method: string; url: string; headers: IncomingMessage['headers'] }[] = []
let fault: { readonly kind: string; readonly path: string } | null = null

function answerFault(kind: string, response: ServerResponse): void {
  switch (kind) {
    case 'error':
      response.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"no"}')
      break
    case 'busy':
      response.writeHead(429, { 'content-type': 'application/json' }).end('{"message":"busy"}')
      break
    case 'garbage':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>not here</html>')
      break
    case 'redirect':
      response.writeHead(302, { location: '/elsewhere' }).end()
      break
    case 'unauthorized':
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"code":"UNAUTHORIZED"}')
      break
    case 'flood':
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(`"${'x'.repeat(300_000)}"`)
      break
    case 'cut':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
      response.write('{"session"')
      response.destroy()
      break
    case 'slow':
      // Nothing is ever said.
      break
  }
}

const server = createServer((request, response) => {
  const { method = '', url = '', headers } = request
  asked.push({ method, url, headers })
  if (fault !== null && url.includes(fault.path)) answerFault(fault.kind, response)
  else if (/^\/(?:page|public|mine|plain)\//.test(url)) void answerPage(auth.api, request, response)
  else void handle(request, response)
})
server.listen(given.port, '127.0.0.1', () => process.send?.({ ready: true }))

process.on(
  'message',
  (message: { readonly id: number; readonly what: string; readonly value: unknown }) => {
    const { id, what, value } = message
    const reply = (result: unknown): void => {
      process.send?.({ id, result })
    }
    if (what === 'asked') reply(asked.splice(0))
    else if (what === 'fault') {
      fault = value as typeof fault
      reply(null)
    } else if (what === 'call') {
      const { path, body, cookie } = value as { path: string; body: unknown; cookie: string | null }
      const request = new Request(`${given.publicUrl}/api/auth${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          origin: given.publicUrl,
          ...(cookie === null ? {} : { cookie }),
        },
        body: JSON.stringify(body),
      })
      void auth.handler(request).then(async (answer) => {
        reply({ status: answer.status, text: await answer.text() })
      })
    } else if (what === 'sql') {
      const { statement, values } = value as { statement: string; values: (string | number)[] }
      const database = new DatabaseSync(given.file, { timeout: 5000 })
      reply(database.prepare(statement).all(...values))
      database.close()
    }
  },
)
process.on('disconnect', () => process.exit(0))

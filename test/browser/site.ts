import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'
import { closedPort, startBackend } from '../helper/backend.ts'
import { startGateway } from '../helper/gateway.ts'

export interface Site {
  readonly origin: string
  /** Where the gateway has its database. */
  readonly folder: string
}

const routes = `
  - { name: todos, match: { path: /todos }, upstream: app }
  - { name: vault, match: { path: /vault }, upstream: app, auth: { fresh: 15m } }
  - { name: away, match: { path: /away }, upstream: away, auth: none }
  - { name: app, match: { path: /* }, upstream: app, auth: none }`

export interface SiteOptions {
  /** The policy as YAML. */
  readonly signUp?: string
  /** Text of `auth.module`. */
  readonly module?: string
  /** Replaces `auth.signIn`, in flow style. */
  readonly signIn?: string
  /** Further top-level YAML. */
  readonly yaml?: string
  /** Further files in its folder. */
  readonly files?: Readonly<Record<string, string>>
  /** The page at every path of the application. */
  readonly html?: string
}

const github = '{ social: { github: { clientId: client, clientSecret: secret } } }'

/**
 * A gateway with its own login page, in front of an application with a page at every path, closed with the test. `/todos`
 * needs a session, and `/vault` one of lately; behind `/away` nobody answers.
 */
export async function startSite(t: Test, options: SiteOptions = {}): Promise<Site> {
  const { signUp = 'open', signIn = github, module, yaml = '', files } = options
  const door = await openDoor(t)
  const app = await startBackend(t, (_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(options.html ?? '<!doctype html><title>The application</title>Arrived.')
  })
  const gateway = await startGateway(t, {
    publicUrl: door.origin,
    upstream: `  app: ${app.url}\n  away: ${await closedPort()}`,
    auth: `signUp: ${signUp}, signIn: ${signIn}${module === undefined ? '' : ', module: ./auth.ts'}`,
    yaml,
    files: { ...files, ...(module === undefined ? {} : { 'auth.ts': module }) },
    routes,
  })
  door.leadTo(gateway.url)
  return { origin: door.origin, folder: gateway.folder }
}

export interface Door {
  readonly origin: string
  readonly leadTo: (url: string) => void
}

/** A gateway must know its public URL before it listens: so the browser's port is had first, and hands bytes on. */
export async function openDoor(t: Test): Promise<Door> {
  const sockets = new Set<Socket>()
  let target: URL | null = null
  const server = createServer((outside) => {
    if (target === null) return outside.destroy()
    const inside = connect(Number(target.port), target.hostname)
    for (const [from, to] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy())
      from.pipe(to)
    }
    return undefined
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo: (url) => {
      target = new URL(url)
    },
  }
}

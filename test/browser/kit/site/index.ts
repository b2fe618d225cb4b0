import type { Test } from 'tap'
import { startGateway, type Running, type StartOptions } from '../../../helper/gateway.ts'
import { startApplication, type Application } from './backend.ts'
import { openDoor, type Door } from './door.ts'

export interface Site extends Application {
  /** What browsers know it as. */
  readonly origin: string
  readonly door: Door
  readonly gateway: Running
  /** Where the gateway has its database. */
  readonly folder: string
}

const routes = `
  - { name: socket, match: { path: /api/ws }, upstream: app, websocket: true }
  - { name: own, match: { path: /open/* }, upstream: app, auth: none }
  - { name: cookie-only, match: { path: /api/cookie-only }, upstream: app, auth: { accept: [session] } }
  - { name: recent, match: { path: /api/recent }, upstream: app, auth: { fresh: 15m } }
  - { name: admin, match: { path: /api/admin }, upstream: app, auth: { roles: [admin] } }
  - { name: limited, match: { path: /api/limited }, upstream: app, rateLimit: { requests: 1, per: 1h, by: user } }
  - { name: api, match: { path: /api/* }, upstream: app }
  - { name: app, match: { path: /* }, upstream: app, auth: none }`

/** A gateway with a door in front of it and an application behind it, closed with the test. Sessions live for 30 days. */
export async function startSite(
  t: Test,
  host = '127.0.0.1',
  more: Partial<StartOptions> = {},
): Promise<Site> {
  const door = await openDoor(t)
  const application = await startApplication(t)
  const origin = `http://${host}:${String(door.port)}`
  const gateway = await startGateway(t, {
    publicUrl: origin,
    upstream: `  app: ${application.url}`,
    auth: 'signUp: open, session: { lifetime: 30d }',
    yaml: 'bearer: { ttl: 15m }',
    routes,
    ...more,
  })
  door.leadTo(gateway.url)
  return { ...application, origin, door, gateway, folder: gateway.folder }
}

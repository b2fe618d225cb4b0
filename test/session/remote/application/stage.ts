import type { Test } from 'tap'
import { signUp, startGateway, type Running, type StartOptions } from '../../../helper/gateway.ts'
import { startSocketBackend } from '../../../gateway/websocket/backend.ts'
import { startAuthServer, type AuthServer } from '../server.ts'

/** Every way in which a route can lead to the application that Better Auth runs in; `/api` leads to it as to anybody else. */
export const routes = `
  - { name: page, match: { path: /page/* }, upstream: web, auth: optional, websocket: true }
  - { name: mine, match: { path: /mine/* }, upstream: web, websocket: true }
  - { name: public, match: { path: /public/* }, upstream: web, auth: none }
  - { name: observed, match: { path: /observed/* }, upstream: web, enforce: false }
  - { name: copied, match: { path: /copied/* }, upstream: web, enforce: { mode: observe, sessionCookies: true } }
  - { name: api, match: { path: /api/* }, upstream: api, websocket: true }`

export interface Stage {
  readonly gateway: Running
  readonly remote: AuthServer
  readonly ada: { readonly id: string; readonly email: string; readonly cookie: string }
}

/** A gateway whose upstream `web` is the application that Better Auth runs in, with somebody signed in. */
export async function startApplication(t: Test, more: Partial<StartOptions> = {}): Promise<Stage> {
  const remote = await startAuthServer(t)
  const backend = await startSocketBackend(t)
  const auth = `mode: remote, url: "${remote.url}", secret: "\${BETTER_AUTH_SECRET}"`
  const web = `  web: { url: "${remote.url}", sessionCookie: forward }\n`
  const gateway = await startGateway(t, {
    auth,
    upstream: `${web}  plain: "${remote.url}"\n  api: "${backend.url}"`,
    routes,
    ...more,
  })
  return { gateway, remote, ada: await signUp(gateway) }
}

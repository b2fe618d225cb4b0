import type { GatewayConfig } from '../config/types.ts'
import { isRefusal } from '../errors/refusal.ts'
import { readTarget } from './canonical.ts'
import { compileRoutes } from './compile.ts'
import { matchRoute } from './match.ts'

/**
 * Says what is wrong with `auth.loginPage` as the routes serve it, or null. A login page that needs a login would send
 * browsers around in a circle. A page on another origin is not looked at.
 */
export function judgeLoginPage(config: GatewayConfig): string | null {
  const { loginPage } = config.auth
  if (!loginPage.startsWith('/')) return null
  const target = readTarget(loginPage)
  const { host } = new URL(config.server.publicUrl)
  const destination = isRefusal(target)
    ? target
    : matchRoute(compileRoutes(config), target, host, 'GET')
  if (isRefusal(destination)) return `no route serves the login page ${loginPage}`
  if (destination.kind !== 'forward' || destination.route.auth.mode === 'none') return null
  const { name, auth } = destination.route
  return `the login page ${loginPage} is served by route "${name}", which has auth: ${auth.mode}; give it a route with auth: none`
}

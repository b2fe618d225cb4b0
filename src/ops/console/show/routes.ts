import type { GatewayConfig } from '../../../config/types.ts'
import { listRows, type RouteRow } from '../../../routing/list.ts'
import { compileRoutes } from '../../../routing/compile.ts'

/** The route table as `sallyport routes` prints it; folders as the configuration has them. */
export function routeRows(config: GatewayConfig): readonly RouteRow[] {
  return listRows(compileRoutes(config), (folder) => folder)
}

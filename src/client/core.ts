import { createCore } from './core/create.ts'
import type { ClientOptions, CoreClient } from './types.ts'

export type * from './types.ts'
export { readProblem } from './problem.ts'

/**
 * The kit without streams: see `createGatewayClient`. It hears of what ends a session in other tabs, and elsewhere only when it next asks; where there
 * are no Web Locks (plain http on another host than localhost) each tab refreshes for itself.
 */
export function createCoreClient(options?: ClientOptions): CoreClient {
  return createCore(options).client
}

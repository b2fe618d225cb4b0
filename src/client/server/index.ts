import { createGatewayClient as createInPage } from '../index.ts'
import type { ClientOptions, GatewayClient } from '../types.ts'
import { isPage, stillClient } from './still.ts'

export type * from '../types.ts'
export { readProblem } from '../problem.ts'

/** `createGatewayClient` for programs that also run on a server: without a page it makes a client that asks nothing. */
export function createGatewayClient(options?: ClientOptions): GatewayClient {
  return isPage() ? createInPage(options) : stillClient
}

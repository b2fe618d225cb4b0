import { createCoreClient as createInPage } from '../core.ts'
import type { ClientOptions, CoreClient } from '../types.ts'
import { isPage, stillCore } from './still.ts'

export type * from '../types.ts'
export { readProblem } from '../problem.ts'

/** `createCoreClient` for programs that also run on a server: without a page it makes a client that asks nothing. */
export function createCoreClient(options?: ClientOptions): CoreClient {
  return isPage() ? createInPage(options) : stillCore
}

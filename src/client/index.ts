import { createCore } from './core/create.ts'
import { openEventSource } from './streams/event-source.ts'
import { watch } from './streams/watch.ts'
import { openWebSocket } from './streams/web-socket.ts'
import { takeTurnByWord } from './tabs/by-word.ts'
import type { ClientOptions, GatewayClient } from './types.ts'

export type * from './types.ts'
export { readProblem } from './problem.ts'

/**
 * The browser's side of the gateway: one for a page, made when it loads. Sessions are refreshed silently and once for all tabs, live
 * connections come back, and what ends a session in one tab ends it in all.
 *
 * Not done here: cross-origin gateways. Requests to other origins are passed on as they are.
 */
export function createGatewayClient(options?: ClientOptions): GatewayClient {
  const core = createCore(options, takeTurnByWord, watch)
  return {
    ...core.client,
    eventSource: (url, more) => openEventSource(core, url, more),
    webSocket: (url, protocols) => openWebSocket(core, url, protocols as string | string[]),
  }
}

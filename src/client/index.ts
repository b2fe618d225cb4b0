import { createCore } from './core.ts'
import { GatewayEventSource } from './streams/event-source.ts'
import { watch } from './streams/watch.ts'
import { GatewayWebSocket } from './streams/web-socket.ts'
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
  const core = createCore(options, watch, takeTurnByWord)
  return {
    ...core.client,
    // They are like the browser's own where that can be told from outside, but for the classes that they are of.
    eventSource: (url, more) => new GatewayEventSource(core, url, more) as unknown as EventSource,
    webSocket: (url, protocols) =>
      new GatewayWebSocket(core, url, protocols) as unknown as WebSocket,
  }
}

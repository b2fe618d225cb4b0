import type { IncomingMessage } from 'node:http'
import type { FastifyServerOptions } from 'fastify'

export interface ListenerOptions {
  /** PEM, or null for plain HTTP. */
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | null
}

const headersTimeoutMs = 10_000
const handshakeTimeoutMs = 10_000

/** What Node's server is made with: deadlines, and who may switch protocols. */
export function listenerOptions(
  { tls }: ListenerOptions,
  shouldUpgrade: (request: IncomingMessage) => boolean,
): Pick<FastifyServerOptions, never> {
  const common = {
    headersTimeout: headersTimeoutMs,
    connectionsCheckingInterval: 2000,
    // A request without Host gets the uniform body too; Node would answer it by itself.
    requireHostHeader: false,
    optimizeEmptyRequests: true,
    shouldUpgradeCallback: shouldUpgrade,
  }
  return tls === null
    ? { http: common }
    : { https: { ...common, ...tls, handshakeTimeout: handshakeTimeoutMs, ALPNProtocols: ['http/1.1'] } }
}

import type { IncomingMessage, ServerOptions } from 'node:http'
import type { TlsPair } from './tls.ts'

/** How long a connection may keep us waiting, milliseconds. */
export interface FrontDeadlines {
  /** For the head of a request, from the opening of the connection or from its first byte. */
  readonly headersMs: number
  /** For the TLS handshake. */
  readonly handshakeMs: number
  /** For the next request, after an answer. Longer than load balancers keep idle connections, so that theirs ends first. */
  readonly keepAliveMs: number
  /** How often Node looks for connections whose head is late. */
  readonly checkMs: number
}

const usual: FrontDeadlines = {
  headersMs: 10_000,
  handshakeMs: 10_000,
  keepAliveMs: 72_000,
  checkMs: 2000,
}

export interface ListenerOptions {
  /** PEM, or null for plain HTTP. */
  readonly tls: TlsPair | null
  /** Other deadlines than the usual ones; tests have no ten seconds. */
  readonly deadlines?: Partial<FrontDeadlines> | undefined
}

/**
 * What Fastify makes its server with: deadlines, TLS, and who may switch protocols. HTTP/1.1 only: Node's
 * HTTPS server offers nothing else, and a client that insists on another protocol (RFC 7301 §3.2) gets no connection.
 */
export function listenerOptions(
  { tls, deadlines }: ListenerOptions,
  shouldUpgrade: (request: IncomingMessage) => boolean,
): object {
  const { headersMs, handshakeMs, keepAliveMs, checkMs } = { ...usual, ...deadlines }
  const common: ServerOptions = {
    headersTimeout: headersMs,
    connectionsCheckingInterval: checkMs,
    // A request without Host gets the uniform body too; Node would answer it by itself.
    requireHostHeader: false,
    optimizeEmptyRequests: true,
    shouldUpgradeCallback: shouldUpgrade,
  }
  return {
    keepAliveTimeout: keepAliveMs,
    ...(tls === null
      ? { http: common }
      : {
          https: {
            ...common,
            ...contextOf(tls),
            handshakeTimeout: handshakeMs,
          },
        }),
  }
}

/** The part of TLS that a new certificate brings along. */
export function contextOf({ cert, key }: TlsPair) {
  return { cert, key, minVersion: 'TLSv1.2' } as const
}

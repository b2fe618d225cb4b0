import { connect as connectPlain, type LookupFunction, type TcpNetConnectOpts } from 'node:net'
import { connect as connectSecure, type ConnectionOptions } from 'node:tls'
import { Client, Pool, errors, type buildConnector, type Dispatcher } from 'undici'
import type { UpstreamTimeouts } from '../config/types.ts'
import { isAddress, type UpstreamTls } from './tls.ts'

type Connector = buildConnector.connector

// uvicorn closes idle connections after 5 s and gunicorn's worker after 2 s; a reused dead one is a visible 502.
const keepAliveMs = 1500

/** How old a connection to a named host may get: its name may stand for another address by then. */
const connectionLifetimeMs = 30_000

export interface ConnectionRules {
  readonly timeout: UpstreamTimeouts
  /** null for http. */
  readonly tls: UpstreamTls | null
  /** Replaces the system's resolver in tests. */
  readonly lookup?: LookupFunction
  /** Replaces the 30 s for which a connection to a named host is used. */
  readonly lifetimeMs?: number
}

/** Opens connections to one target, for its pool and for its health checks. */
export interface Connections {
  openPool(): Pool
  /** One connection that closes after its request. */
  openProbe(): Client
}

/**
 * How one target is connected to: HTTP/1.1, one request at a time on a connection, certificates always verified, whatever
 * the environment says. The number of connections is not capped here: a stream holds one for as long as it lives, and must
 * not keep others waiting.
 *
 * @param origin `URL.origin`
 */
export function createConnections(origin: string, rules: ConnectionRules): Connections {
  const url = new URL(origin)
  const { timeout, tls } = rules
  const connect = createConnector(url, rules)
  const options: Client.Options = {
    connect,
    allowH2: false,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    headersTimeout: timeout.firstByteMs,
    // undici's own idle timer is set per request and would cut silent event streams; the exchange has one of its own.
    bodyTimeout: 0,
    pipelining: 1,
  }
  // A connection that is too old takes no further request, and closes once it has ended the one under way.
  const clientTtl = isAddress(url.hostname) ? null : (rules.lifetimeMs ?? connectionLifetimeMs)
  const TargetPool = tls === null ? Pool : SecurePool
  return {
    openPool: () => new TargetPool(origin, { ...options, clientTtl }),
    openProbe: () => new Client(origin, { ...options, headersTimeout: 0 }),
  }
}

/**
 * Opens sockets instead of undici, which takes the TLS server name from each request's `Host` (the client's, not the
 * target's) and verifies the certificate against it, and whose deadline comes up to a second late.
 */
function createConnector(url: URL, { timeout, tls, lookup }: ConnectionRules): Connector {
  const address = {
    host: url.hostname.replaceAll(/[[\]]/g, ''),
    port: Number(url.port) || (tls === null ? 80 : 443),
    highWaterMark: 65_536,
    ...(lookup === undefined ? {} : { lookup }),
  }
  let session: Buffer | undefined
  return (_options, callback) => {
    const socket =
      tls === null ? connectPlain(address) : connectSecure(toTlsOptions(address, tls, session))
    socket.setNoDelay(true).setKeepAlive(true, 60_000)
    const deadline = setTimeout(() => {
      socket.destroy(new errors.ConnectTimeoutError('the target did not accept in time'))
    }, timeout.connectMs).unref()
    let isOpen = false
    socket.once(tls === null ? 'connect' : 'secureConnect', () => {
      clearTimeout(deadline)
      isOpen = true
      callback(null, socket)
    })
    // Stays for as long as the socket does: an error that nobody hears would end the process.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(deadline)
      if (!isOpen) callback(new ConnectFailed(error), null)
      // undici would take a reset for the orderly end of a body that has no length (RFC 9112 §8).
      else if (error.code === 'ECONNRESET') error.code = 'EPIPE'
    })
    // Saves the target half of a handshake. Node offers no session before the certificate has been verified.
    socket.on('session', (offered: Buffer) => (session = offered))
  }
}

function toTlsOptions(
  address: TcpNetConnectOpts,
  { secureContext, servername }: UpstreamTls,
  session: Buffer | undefined,
): ConnectionOptions {
  return {
    ...address,
    secureContext,
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
    ...(servername === undefined ? {} : { servername }),
    ...(session === undefined ? {} : { session }),
  }
}

/** No connection could be had, or its certificate was wrong: no byte of a request has been sent to anybody. */
export class ConnectFailed extends Error {
  override readonly name = 'ConnectFailed'
  /** That of the cause. */
  readonly code: string | undefined

  constructor(cause: NodeJS.ErrnoException) {
    super(cause.message, { cause })
    this.code = cause.code
  }
}

/** For the sake of that name undici reconnects when the next request has another `Host`: it is shown one for all. */
class SecurePool extends Pool {
  override dispatch(
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ): boolean {
    const named = { ...options, servername: 'target' }
    return super.dispatch(named, handler)
  }
}

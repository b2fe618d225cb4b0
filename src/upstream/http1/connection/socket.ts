import { connect as connectPlain, type LookupFunction, type Socket } from 'node:net'
import { connect as connectSecure, type ConnectionOptions } from 'node:tls'
import type { UpstreamTls } from '../../tls.ts'
import { ConnectFailed, ConnectTimeout } from '../failure.ts'

/** Where one target is, and how it is connected to. */
export interface SocketRules {
  /** `URL.origin` of the target. */
  readonly origin: string
  readonly connectMs: number
  /** null for http. */
  readonly tls: UpstreamTls | null
  /** Replaces the system's resolver in tests. */
  readonly lookup?: LookupFunction | undefined
}

export interface SocketEvents {
  onConnected(): void
  /** The bytes that were read. They are overwritten after the call. */
  onBytes(bytes: Buffer): void
  /** The peer has said that nothing more will come. */
  onEnd(): void
  /** The socket is of no use any more. Before it is connected: a `ConnectFailed`. */
  onError(error: Error): void
  onDrain(): void
  onClosed(): void
}

export type OpenSocket = (events: SocketEvents) => Socket

/** Whatever is read is dealt with before anything else is read, so one memory serves every connection. */
const readBytes = 65_536

/**
 * Makes what opens sockets to a target: certificates always verified, whatever the environment says, with HTTP/1.1 as the only
 * protocol on offer. Errors are heard from the first tick: one that nobody hears would end the process.
 */
export function createSocketOpener({ origin, connectMs, tls, lookup }: SocketRules): OpenSocket {
  const url = new URL(origin)
  const memory = Buffer.allocUnsafeSlow(readBytes)
  const address = {
    host: url.hostname.replaceAll(/[[\]]/g, ''),
    port: Number(url.port) || (tls === null ? 80 : 443),
    highWaterMark: readBytes,
    ...(lookup === undefined ? {} : { lookup }),
  }
  const secure = tls === null ? null : toTlsOptions(tls)
  let session: Buffer | undefined
  return (events) => {
    const onread = {
      buffer: memory,
      callback: (length: number): boolean => {
        events.onBytes(memory.subarray(0, length))
        return true
      },
    }
    const options = { ...address, onread }
    const resumed = session === undefined ? {} : { session }
    const socket =
      secure === null
        ? connectPlain(options)
        : connectSecure({ ...options, ...secure, ...resumed } as ConnectionOptions)
    // Saves the target half of a handshake. Node offers no session before the certificate has been verified.
    socket.on('session', (offered: Buffer) => (session = offered))
    listen(socket, secure === null ? 'connect' : 'secureConnect', connectMs, events)
    return socket
  }
}

function listen(socket: Socket, connected: string, connectMs: number, events: SocketEvents): void {
  let isOpen = false
  const deadline = setTimeout(() => {
    socket.destroy(new ConnectTimeout('the target did not accept in time'))
  }, connectMs).unref()
  socket.setNoDelay(true).setKeepAlive(true, 60_000)
  socket.once(connected, () => {
    clearTimeout(deadline)
    isOpen = true
    events.onConnected()
  })
  socket.on('error', (error) => {
    events.onError(isOpen ? error : new ConnectFailed(error))
  })
  socket.on('end', () => {
    events.onEnd()
  })
  socket.on('drain', () => {
    events.onDrain()
  })
  socket.once('close', () => {
    clearTimeout(deadline)
    events.onClosed()
  })
}

function toTlsOptions({ secureContext, servername }: UpstreamTls): ConnectionOptions {
  return {
    secureContext,
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
    ...(servername === undefined ? {} : { servername }),
  }
}

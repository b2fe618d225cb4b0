import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'

/** How a side begins to close: with its own close frame, or because what it sent broke the protocol. */
export type Closing =
  | { readonly by: 'peer'; readonly code: number | null; readonly reason: string | Buffer }
  | { readonly by: 'violation'; readonly code: number }

/**
 * One side of a relayed connection. `ws` answers a close frame, and says 1002, 1007 or 1009 to what breaks the protocol, by calling
 * `close` on itself; it tells of it only when the socket has gone, for which a peer can take its time. Here it is told at once.
 */
export class PeerSocket extends WebSocket {
  onClosing: ((closing: Closing) => void) | null = null

  /** Called by `ws` alone: with a code and a reason, or nothing, for a close frame; with only a code for a violation. */
  override close(code?: number, reason?: string | Buffer): void {
    super.close(code, reason)
    if (code !== undefined && reason === undefined) this.onClosing?.({ by: 'violation', code })
    else this.onClosing?.({ by: 'peer', code: code ?? null, reason: reason ?? '' })
  }

  /** Closes from our side. No code: a close frame that says none (RFC 6455 §7.1.5). */
  finish(code: number | null, reason: string | Buffer = ''): void {
    if (code === null) super.close()
    else super.close(code, reason)
  }
}

/** How long a closing handshake may take, with all that is still to be sent before it, milliseconds. */
export const closeTimeoutMs = 30_000

/** What both sides have in common. Compression is off: one small message could unpack to a large one, on either side. */
export function peerOptions(maxMessageBytes: number): {
  readonly perMessageDeflate: false
  readonly autoPong: false
  readonly maxPayload: number
  readonly closeTimeout: number
} {
  return {
    perMessageDeflate: false,
    autoPong: false,
    maxPayload: maxMessageBytes,
    closeTimeout: closeTimeoutMs,
  }
}

export interface Acceptance {
  /** The chosen subprotocol, or null. */
  readonly protocol: string | null
  /** Further headers of the 101, flat. */
  readonly headers: readonly string[]
  readonly maxMessageBytes: number
}

/**
 * Answers 101. The handshake must have passed `readOffer`.
 * @param bytes what came after the head of the request
 * @returns null when the client has left
 */
export function accept(
  request: IncomingMessage,
  socket: Duplex,
  bytes: Buffer,
  { protocol, headers, maxMessageBytes }: Acceptance,
): PeerSocket | null {
  const server = new WebSocketServer({
    ...peerOptions(maxMessageBytes),
    noServer: true,
    clientTracking: false,
    WebSocket: PeerSocket,
    handleProtocols: () => protocol ?? false,
  })
  server.on('headers', (lines) => {
    for (let index = 0; index < headers.length; index += 2) {
      lines.push(`${headers[index] ?? ''}: ${headers[index + 1] ?? ''}`)
    }
  })
  const accepted: PeerSocket[] = []
  // RFC 9110 §5.5: bytes above ASCII are opaque, and latin1 is how Node hands them to us.
  socket.setDefaultEncoding('latin1')
  server.handleUpgrade(request, socket, bytes, (peer) => accepted.push(peer))
  socket.setDefaultEncoding('utf8')
  const [peer] = accepted
  if (peer === undefined) return null
  // What went wrong is told by `onClosing` and `close`; an error that nobody hears would end the process.
  peer.on('error', () => undefined)
  return peer
}

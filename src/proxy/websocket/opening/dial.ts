import type { ClientRequest, IncomingMessage } from 'node:http'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { ConnectFailed, ConnectTimeout, FirstByteTimeout } from '../../../upstream/http1/failure.ts'
import type { Target } from '../../../upstream/port.ts'
import { PeerSocket, peerOptions } from '../relay/peer.ts'
import { isOfHandshake, toHandshakeHeaders } from './headers.ts'

/** A handshake as FastAPI gets it. */
export interface Call {
  readonly target: Target
  /** Path and query, sent byte for byte. */
  readonly path: string
  /** Flat, as the header rules wrote them. */
  readonly headers: readonly string[]
  /** Subprotocols as the client offers them. */
  readonly protocols: readonly string[]
  readonly maxMessageBytes: number
  readonly connectMs: number
  /** From the connection to the head of the answer. */
  readonly firstByteMs: number
}

/** Exactly one of these is called, once, unless the call is hung up before. */
export interface CallEvents {
  /** @param headers FastAPI's of the 101, flat, without those of the handshake itself */
  onAccepted(
    peer: PeerSocket,
    socket: Socket,
    headers: readonly string[],
    protocol: string | null,
  ): void
  /** FastAPI answered with something else than 101; its body has not been read. */
  onRefused(response: IncomingMessage): void
  onFailed(error: Error): void
}

/**
 * Opens a WebSocket at FastAPI. An answer that breaks RFC 6455 §4.2.2 (accept key, a subprotocol or extension that was not
 * offered) is a failure.
 * @returns hangs up; nothing is called after that
 */
export function dial(call: Call, events: CallEvents): () => void {
  const socket = connect(call.target)
  socket.on('error', ignore)
  let isOver = false
  const over = (): boolean => {
    if (isOver) return true
    isOver = true
    stopWatching()
    return false
  }
  const fail = (error: Error): void => {
    if (over()) return
    socket.destroy()
    events.onFailed(isConnected ? error : new ConnectFailed(error))
  }
  let isConnected = false
  socket.once(call.target.tls === null ? 'connect' : 'secureConnect', () => {
    isConnected = true
  })
  const stopWatching = failWhenLate(socket, call, fail)
  const peer = open(call, socket)
  const answer = readAnswer(peer, call.protocols)
  peer.on('error', fail)
  peer.once('open', () => {
    if (over()) return
    // What listens here holds the whole handshake, and the connection may live for days.
    peer.removeAllListeners()
    peer.on('error', ignore)
    events.onAccepted(peer, socket, answer.headers, answer.protocol)
  })
  peer.once('unexpected-response', (request: ClientRequest, response: IncomingMessage) => {
    response.once('close', () => request.destroy())
    if (!over()) events.onRefused(response)
  })
  return () => {
    if (!over()) socket.destroy()
  }
}

/** Returns what stops the clock. */
function failWhenLate(socket: Socket, call: Call, fail: (error: Error) => void): () => void {
  let timer = setTimeout(() => {
    fail(new ConnectTimeout('the target did not accept in time'))
  }, call.connectMs)
  socket.once(call.target.tls === null ? 'connect' : 'secureConnect', () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      fail(new FirstByteTimeout('no answer began in time'))
    }, call.firstByteMs)
  })
  return () => {
    clearTimeout(timer)
  }
}

/** What went wrong is told otherwise; an error that nobody hears would end the process. */
function ignore(): void {
  // Nothing to do.
}

/** A connection of its own, not from the pool: it does not come back. */
function connect({ origin, tls }: Target): Socket {
  const { hostname, port } = new URL(origin)
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  if (tls === null) return connectTcp({ host, port: port === '' ? 80 : Number(port) })
  const options = { ...tls, host, port: port === '' ? 443 : Number(port) }
  // Said, because an environment variable of Node's would otherwise turn it off.
  return connectTls({ ...options, ALPNProtocols: ['http/1.1'], rejectUnauthorized: true })
}

function open(
  { target, path, headers, protocols, maxMessageBytes }: Call,
  socket: Socket,
): PeerSocket {
  return new PeerSocket(target.origin, [], {
    ...peerOptions(maxMessageBytes),
    headers: toHandshakeHeaders(headers, protocols),
    createConnection: () => socket,
    finishRequest: (request: ClientRequest) => {
      // What a URL parser would make of it is not what was authorized.
      request.path = path
      request.end()
    },
  })
}

/**
 * What FastAPI said, filled in when it has. `ws` would refuse an answer without a subprotocol where some were offered, which RFC
 * 6455 §4.2.2 allows and clients may accept; so it is told of no offer, and the choice is judged here.
 */
function readAnswer(
  peer: PeerSocket,
  offered: readonly string[],
): { headers: readonly string[]; protocol: string | null } {
  const answer = { headers: [] as readonly string[], protocol: null as string | null }
  peer.once('upgrade', ({ rawHeaders, headers }: IncomingMessage) => {
    answer.headers = withoutHandshake(rawHeaders)
    const chosen = headers['sec-websocket-protocol']
    if (chosen === undefined || !offered.includes(chosen)) return
    answer.protocol = chosen
    delete headers['sec-websocket-protocol']
  })
  return answer
}

function withoutHandshake(rawHeaders: readonly string[]): readonly string[] {
  const kept: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    if (isOfHandshake(name)) continue
    kept.push(name, rawHeaders[index + 1] ?? '')
  }
  return kept
}

import { once } from 'node:events'
import type { Server } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'

/** How far a gateway is on its way out. */
export type Phase = 'serving' | 'draining' | 'closing'

/** How long idle connections may bring one more request after the listener has closed, milliseconds. */
const lingerMs = 1000
const pollMs = 20

export interface DrainOptions {
  readonly app: FastifyInstance
  /** Every open connection, those of WebSockets too. */
  readonly sockets: ReadonlySet<Socket>
  /** How long to go on accepting while the load balancer learns that it should not send any more, milliseconds. */
  readonly drainMs: number
  /** How long requests in flight may take after that, milliseconds. */
  readonly graceMs: number
  readonly enter: (phase: Phase) => void
  /** Tells WebSockets and event streams that they have to go elsewhere. */
  readonly closeStreams: () => void
  readonly logger: FastifyBaseLogger
}

/**
 * Takes a server out of service without a failed request: go on while the load balancer looks away, stop accepting, let idle
 * connections bring what was already on its way, tell streams, let requests end, and cut what is left after the grace period.
 */
export async function drain(options: DrainOptions): Promise<void> {
  const { app, sockets, drainMs, graceMs, enter, closeStreams, logger } = options
  enter('draining')
  await sleep(drainMs)
  enter('closing')
  const until = performance.now() + graceMs
  const cut = setTimeout(() => {
    logger.warn('the grace period has passed: connections that are still open are cut')
    for (const socket of sockets) socket.destroy()
  }, graceMs)
  stopListening(app.server)
  closeStreams()
  await emptied(sockets, Math.min(lingerMs, until - performance.now()))
  // To Node a connection that has never said anything is not idle.
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
  // An answer that was under way may have promised to keep its connection.
  const idle = setInterval(() => {
    app.server.closeIdleConnections()
  }, pollMs)
  await app.close()
  clearInterval(idle)
  clearTimeout(cut)
}

/** The open connections of a server. Node itself forgets those that have switched protocols. */
export function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

/** Only stops accepting: `server.close()` would also close idle connections, on which a request may be under way to us. */
function stopListening(server: Server): void {
  if (server.listening) NetServer.prototype.close.call(server)
}

/** Waits until no connection is left, or until the time is up. */
async function emptied(sockets: ReadonlySet<Socket>, ms: number): Promise<void> {
  const until = performance.now() + ms
  while (sockets.size > 0 && performance.now() < until) await sleep(pollMs)
}

function sleep(ms: number): Promise<void> {
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms))
}

export async function closeServer(server: Server): Promise<void> {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}

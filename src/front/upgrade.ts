import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyBaseLogger } from 'fastify'
import { answerHandshakeQuestion } from '../endpoints/verify/answer.ts'
import { answerRawRefusal } from '../errors/handler.ts'
import { isRefusal, refuse } from '../errors/refusal.ts'
import { isWebSocket, readHead } from '../head.ts'
import { admit } from '../pipeline.ts'
import { toOriginForm } from '../routing/canonical.ts'
import type { Snapshot } from '../snapshot.ts'
import { addressOf } from './address.ts'
import { askingOf, requestIdOf } from './arrival.ts'

export interface UpgradeDeps {
  readonly logger: FastifyBaseLogger
  readonly current: () => Snapshot
  /** The listener is closed and streams have been told to go: a new one would be told at once. */
  readonly isClosing: () => boolean
}

/**
 * Whether Node should hand a request over with its socket. Any other protocol in `Upgrade` is ignored, as RFC 9110 §7.8 allows, and
 * the request is one like any other; a handshake with a body is none.
 */
export function isUpgrade(request: IncomingMessage): boolean {
  const { upgrade, connection } = request.headers
  const asks = /(?:^|[\s,])upgrade(?:$|[\s,])/i.test(connection ?? '')
  return asks && isWebSocket({ upgrade: upgrade ?? null }) && !announcesBody(request)
}

function announcesBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** Handshakes walk the same road as every request, and are then the WebSocket proxy's. */
export function acceptUpgrades(server: Server, deps: UpgradeDeps): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, bytes: Buffer) => {
    socket.on('error', () => socket.destroy())
    void walk(request, socket, bytes, deps)
  })
}

async function walk(
  request: IncomingMessage,
  socket: Duplex,
  bytes: Buffer,
  { current, isClosing, logger }: UpgradeDeps,
): Promise<void> {
  const snapshot = current()
  const { road, answers, webSockets } = snapshot
  const requestId = requestIdOf(request)
  const target = toOriginForm(request.url ?? '/', request.headers.host)
  const address = addressOf(request, snapshot.trusts)
  if (address === '') {
    socket.destroy()
    return
  }
  const { method = '', rawHeaders } = request
  const head = readHead(method, target, rawHeaders, request.socket, address)
  try {
    const asking = askingOf(request, requestId, snapshot)
    if (asking !== null) {
      await answerHandshakeQuestion(asking, socket)
      return
    }
    const admission = isClosing() ? refuse('shutting_down') : await admit(head, road)
    // The client may have left while a session was looked up.
    if (socket.destroyed) return
    if (isRefusal(admission)) {
      webSockets.refuse(request, socket, bytes, head, admission, requestId)
    } else if (admission.kind === 'forward') {
      const arrival = { head, requestId, clientAddress: address, admission }
      webSockets.open(request, socket, bytes, arrival)
    } else {
      // A preflight: OPTIONS switches no protocols.
      webSockets.refuse(request, socket, bytes, head, refuse('upgrade_not_allowed'), requestId)
    }
  } catch (error) {
    logger.error({ err: error, requestId })
    answerRawRefusal(socket, refuse('internal_error'), head, requestId, answers)
  }
}

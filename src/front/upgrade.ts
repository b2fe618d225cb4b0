import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyBaseLogger } from 'fastify'
import { answerHandshakeQuestion } from '../endpoints/verify/answer.ts'
import { answerRawRefusal } from '../errors/handler.ts'
import { isRefusal, refuse } from '../errors/refusal.ts'
import { readHead, type RequestHead } from '../head.ts'
import { Journey, type JourneyDeps } from '../ops/access/journey.ts'
import { admit, type Forwarded } from '../pipeline.ts'
import type { Handshake } from '../proxy/websocket/port.ts'
import { toOriginForm } from '../routing/canonical.ts'
import type { Snapshot } from '../snapshot.ts'
import { addressOf, isTrustedPeer } from './address.ts'
import { askingOf, requestIdOf } from './arrival.ts'

export interface UpgradeDeps {
  readonly logger: FastifyBaseLogger
  readonly current: () => Snapshot
  /** The listener is closed and streams have been told to go: a new one would be told at once. */
  readonly isClosing: () => boolean
  readonly journeys: JourneyDeps
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
  { current, isClosing, logger, journeys }: UpgradeDeps,
): Promise<void> {
  const snapshot = current()
  const head = headOf(request, snapshot)
  const journey = beginJourney(request, socket, head, { journeys, snapshot })
  if (head.address === '') {
    socket.destroy()
    journey.end()
    return
  }
  try {
    const asking = askingOf(request, journey, snapshot)
    if (asking !== null) {
      await answerHandshakeQuestion(asking, socket)
      return
    }
    const admission = isClosing()
      ? refuse('shutting_down')
      : await admit(head, snapshot.road, journey)
    // The client may have left while a session was looked up.
    if (socket.destroyed) return
    if (isRefusal(admission)) {
      snapshot.webSockets.refuse(request, socket, bytes, head, admission, journey)
    } else if (admission.kind === 'forward') {
      journey.admitted(admission)
      snapshot.webSockets.open(request, socket, bytes, toHandshake(head, admission, journey))
    } else {
      // A preflight: OPTIONS switches no protocols.
      const refusal = refuse('upgrade_not_allowed')
      snapshot.webSockets.refuse(request, socket, bytes, head, refusal, journey)
    }
  } catch (error) {
    logger.error({ err: error, requestId: journey.requestId })
    answerBug(socket, head, journey, snapshot)
  }
}

function answerBug(
  socket: Duplex,
  head: RequestHead,
  journey: Journey,
  { answers }: Snapshot,
): void {
  const refusal = refuse('internal_error')
  journey.refused(refusal.code)
  journey.begins(answerRawRefusal(socket, refusal, head, journey.requestId, answers))
}

function headOf(request: IncomingMessage, { trusts }: Snapshot): RequestHead {
  const { method = '', url = '/', headers, rawHeaders, socket } = request
  const address = addressOf(request, trusts)
  return readHead(method, toOriginForm(url, headers.host), rawHeaders, socket, address)
}

/** Notes a handshake from its first moment to the end of its connection. */
function beginJourney(
  request: IncomingMessage,
  socket: Duplex,
  head: RequestHead,
  { journeys, snapshot }: { readonly journeys: JourneyDeps; readonly snapshot: Snapshot },
): Journey {
  const journey = new Journey(journeys, requestIdOf(request), head.method, head.target)
  journey.becomes('websocket')
  journey.came(head)
  if (head.address !== '') {
    journey.joins(request.rawHeaders, () => isTrustedPeer(request, snapshot.trusts))
  }
  socket.once('close', journey.end)
  return journey
}

function toHandshake(head: RequestHead, admission: Forwarded, journey: Journey): Handshake {
  const { requestId } = journey
  return { head, requestId, clientAddress: head.address, admission, journey }
}

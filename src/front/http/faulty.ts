import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { entryOf } from '../../errors/catalogue.ts'
import { answerClientError, answerRawRefusal } from '../../errors/handler.ts'
import { refuse } from '../../errors/refusal.ts'
import { Journey } from '../../ops/access/journey.ts'
import { addressOf, plainAddressOf } from '../address.ts'
import { requestIdOf } from '../arrival.ts'
import type { RoadServer } from './road.ts'

/**
 * Ends a connection whose bytes are no HTTP, with an answer where there is somebody to read it. Browsers open connections ahead of time, and would take an answer that they
 * find there for that to their next request; a client whose request is under way would take it for that to this one.
 */
export function closeWithAnswer(
  error: Error,
  socket: Socket,
  { current, clients, journeys }: Pick<RoadServer, 'current' | 'clients' | 'journeys'>,
): void {
  if (socket.bytesRead === 0 || clients.isServing(socket)) {
    socket.destroy()
    return
  }
  // The body of a request that is under way may be what is faulty: then this is the answer to it.
  const begun = clients.journeyOn(socket)
  const requestId = begun?.requestId ?? randomUUID()
  const refusal = answerClientError(error, socket, requestId, current().answers)
  if (refusal === null) return
  const journey = begun ?? new Journey(journeys, requestId, '', '')
  journey.refused(refusal.code)
  journey.begins(entryOf(refusal.code).status)
  if (begun !== null) return
  journey.from(plainAddressOf(socket))
  journey.end()
}

/** `CONNECT` (RFC 9110 §9.3.6): Node hands it over with its socket. */
export function refuseTunnel(
  request: IncomingMessage,
  socket: Duplex,
  { current, journeys }: Pick<RoadServer, 'current' | 'journeys'>,
): void {
  const { answers, trusts } = current()
  const { method = '', url = '' } = request
  const journey = new Journey(journeys, requestIdOf(request), method, url)
  journey.from(addressOf(request, trusts))
  const refusal = refuse('method_not_allowed')
  journey.refused(refusal.code)
  journey.begins(answerRawRefusal(socket, refusal, null, journey.requestId, answers))
  journey.end()
}

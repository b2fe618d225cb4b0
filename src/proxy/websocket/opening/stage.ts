import type { FastifyBaseLogger } from 'fastify'
import type { Refusal } from '../../../errors/refusal.ts'
import { clientKey } from '../../../front/clients.ts'
import { ownerOf } from '../../../live/owner.ts'
import type { LiveConnection } from '../../../live/port.ts'
import type { Handshake } from '../port.ts'
import type { Cause } from '../relay/relay.ts'

// What is made here lives as long as the connection: it must not hold the handshake.

/** Who ends a connection that is listed: its handshake, then its relay. */
export interface Stage {
  current: { end(reason: Refusal): void }
}

/** A connection as the list of live ones has it. */
export function toConnection(
  { admission, clientAddress }: Handshake,
  stage: Stage,
): LiveConnection {
  return {
    kind: 'websocket',
    client: clientKey(clientAddress),
    ...ownerOf(admission),
    end: (reason) => {
      stage.current.end(reason)
    },
  }
}

/** Logs how a relay ended; only what FastAPI did is worth a warning. */
export function reportTo(log: FastifyBaseLogger, arrival: Handshake): (cause: Cause) => void {
  const { requestId } = arrival
  const route = arrival.admission.route.name
  return (cause) => {
    log[cause.startsWith('upstream') ? 'warn' : 'debug'](
      { requestId, route },
      `WebSocket: ${cause}`,
    )
  }
}

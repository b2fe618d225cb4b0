import type { FastifyBaseLogger } from 'fastify'
import type { Code } from '../../../errors/catalogue.ts'
import type { Refusal } from '../../../errors/refusal.ts'
import { clientKey } from '../../../front/clients.ts'
import { listStream } from '../../../live/observed.ts'
import { ownerOf } from '../../../live/owner.ts'
import type { LiveConnection, LiveConnections } from '../../../live/port.ts'
import type { Handshake } from '../port.ts'
import type { Cause } from '../relay/relay.ts'

// What is made here lives as long as the connection: it must not hold the handshake.

/** Who ends a connection that is listed: its handshake, then its relay. */
export interface Stage {
  current: { end(reason: Refusal): void }
}

/** Puts a connection on the list of live ones. Returns what takes it off again, or why it may not begin. */
export function list(
  { admission: { route, principal }, clientAddress, journey }: Handshake,
  stage: Stage,
  live: LiveConnections,
): (() => void) | Refusal {
  const connection: LiveConnection = {
    kind: 'websocket',
    route: route.name,
    client: clientKey(clientAddress),
    ...ownerOf({ route, principal }),
    end: (reason) => {
      journey.endedFor(reason.code)
      stage.current.end(reason)
    },
  }
  return listStream(live, connection, route, ({ code }) => {
    journey.observes(code)
  })
}

/** Logs how a relay ended; only what FastAPI did is worth a warning. */
export function reportTo(log: FastifyBaseLogger, arrival: Handshake): (cause: Cause) => void {
  const { requestId, journey } = arrival
  const route = arrival.admission.route.name
  return (cause) => {
    const code = codeOf(cause)
    if (code !== null) journey.endedFor(code)
    log[cause.startsWith('upstream') ? 'warn' : 'debug'](
      { requestId, route },
      `WebSocket: ${cause}`,
    )
  }
}

/** What FastAPI did to the connection, in the words of the close frame that the client gets for it. */
function codeOf(cause: Cause): Code | null {
  switch (cause) {
    case 'upstream left':
      return 'upstream_unreachable'
    case 'upstream broke the protocol':
      return 'upstream_invalid'
    case 'upstream was silent':
      return 'upstream_timeout'
    case 'closed':
    case 'ended by the gateway':
    case 'client left':
    case 'client broke the protocol':
    case 'client was silent':
      return null
  }
}

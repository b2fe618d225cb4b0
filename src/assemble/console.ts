import type { FastifyBaseLogger } from 'fastify'
import type { Clock } from '../clock.ts'
import { audited, ofConsole } from './audit.ts'
import { explainRoute } from '../explain/route.ts'
import type { Running } from '../lifecycle/run.ts'
import type { LiveRegistry } from '../live/registry.ts'
import type { AccessHub } from '../ops/access/hub.ts'
import { createConsole, type Console } from '../ops/console/console.ts'
import type { Audit } from '../ops/audit/trail.ts'
import type { Witness } from '../session/audit/witness.ts'
import type { Auth } from '../session/auth.ts'
import type { RevocationBus } from '../session/revocation/bus.ts'

export interface ConsoleParts {
  readonly running: Running
  readonly clock: Clock
  readonly logger: FastifyBaseLogger
  readonly hub: AccessHub
  readonly live: Pick<LiveRegistry, 'list'>
  readonly auth: Pick<Auth, 'revoker' | 'isHeard'>
  readonly bus: Pick<RevocationBus, 'isUp'>
  readonly audit: Audit
  readonly witness: Pick<Witness, 'act'>
}

/** What opens the console of a gateway, once its listener is there. */
export function openConsoleFor(parts: ConsoleParts): (listensLocally: () => boolean) => Console {
  const { running, clock, logger, hub, live, auth, bus, audit, witness } = parts
  return (listensLocally) =>
    createConsole(
      {
        ...{ clock, logger, hub },
        revoker: auth.revoker && audited(auth.revoker, witness),
        onAction: (action) => {
          audit.say(ofConsole(action))
        },
        config: () => running.config,
        phase: () => running.phase,
        isShared: () => bus.isUp && auth.isHeard(),
        upstreams: () => [...running.snapshot().upstreams.values()].map((each) => each.status()),
        live: (max) => live.list(max),
        explain: (method, host, path) => {
          const { routes } = running.snapshot().road
          return explainRoute(routes, running.config, method, host, path)
        },
      },
      listensLocally,
    )
}

import { answerRules, headerRules, roadDeps } from '../assemble.ts'
import type { ApiKeys } from '../authn/api-key.ts'
import type { Sessions } from '../authn/sessions.ts'
import type { TicketStore } from '../authn/ticket/store.ts'
import type { Users } from '../authn/users.ts'
import type { Clock } from '../clock.ts'
import type { GatewayConfig } from '../config/types.ts'
import { createHs256 } from '../crypto/hs256.ts'
import type { ExplainDeps } from '../explain/request.ts'
import type { KeySets } from '../issuers/key-sets.ts'
import type { RevocationMarks } from '../session/revocation/marks.ts'
import { openBrand } from './pages.ts'

/** Who is asked about callers by a road that nobody walks for real. */
export interface DryParts {
  readonly sessions: Sessions
  readonly users: Users
  readonly apiKeys: ApiKeys
  readonly issuers: Pick<KeySets, 'of'>
  readonly marks: Pick<RevocationMarks, 'isRevoked'>
  readonly clock: Clock
}

/**
 * What a configuration decides about requests, without a gateway: nothing listens, no upstream is called, nothing is counted. Reads the
 * logo of the pages; throws a `StartupError` when it is of no use.
 */
export function createDry(config: GatewayConfig, parts: DryParts): ExplainDeps {
  const keys = config.bearer.secrets.map(createHs256)
  const [signer] = keys
  if (signer === undefined) throw new Error('a configuration has at least one bearer secret')
  const road = roadDeps(
    config,
    {
      ...parts,
      tickets: noTickets,
      dev: false,
      limitRate: () => Promise.resolve({ refusal: null, headers: [] }),
      slide: (session) => Promise.resolve({ session, setCookies: [] }),
    },
    keys,
    signer,
  )
  const { brand } = openBrand(config)
  return {
    config,
    road,
    answers: answerRules(config, brand),
    headers: headerRules(config, { onCompared: unheard, onSession: unheard }),
  }
}

const unheard = (): void => undefined

/** Looking at a ticket uses it up. */
const noTickets: TicketStore = {
  put: () => Promise.resolve(),
  take: () => Promise.resolve(null),
}

import { road } from './protections/access.ts'
import { attacks } from './protections/attack/attack.ts'
import { authorization } from './protections/authorization/needs.ts'
import { observing } from './protections/authorization/observe.ts'
import { tracing } from './protections/authorization/traces.ts'
import { standing } from './protections/authorization/standing.ts'
import { beyond } from './protections/beyond.ts'
import { comparisons } from './protections/compare/compare.ts'
import { answers } from './protections/client/answers.ts'
import { bodies } from './protections/client/bodies.ts'
import { connections } from './protections/client/connections.ts'
import { lifetimes } from './protections/client/lifetimes.ts'
import { requests } from './protections/client/requests.ts'
import { faulty } from './protections/client/faults.ts'
import { assertions } from './protections/credentials/assertion.ts'
import { authn } from './protections/credentials/authn.ts'
import { tokens } from './protections/credentials/claims.ts'
import { issuers } from './protections/credentials/issuers.ts'
import { keys } from './protections/credentials/keys.ts'
import { kinds } from './protections/credentials/kinds.ts'
import { configuration } from './protections/config.ts'
import { explaining } from './protections/explain/explain.ts'
import { events } from './protections/exchange/events.ts'
import { exchanges } from './protections/exchange/exchanges.ts'
import { streams } from './protections/exchange/streams.ts'
import { uploads } from './protections/exchange/uploads.ts'
import { headerRules } from './protections/headers.ts'
import { forwarded } from './protections/proxy.ts'
import { kit } from './protections/kit/kit.ts'
import { pages } from './protections/pages/pages.ts'
import { spelling } from './protections/path/canonical.ts'
import { matching } from './protections/path/match.ts'
import { revocations } from './protections/credentials/revocation.ts'
import { sessions } from './protections/credentials/session.ts'
import { consoleRules } from './protections/console/console.ts'
import { doctor } from './protections/doctor/doctor.ts'
import { audits } from './protections/records/audit.ts'
import { records } from './protections/records/records.ts'
import { pushes } from './protections/remote/pushes.ts'
import { remoteApplication } from './protections/remote/application.ts'
import { remoteSessions } from './protections/remote/sessions.ts'
import { tickets } from './protections/tickets/tickets.ts'
import { verifications } from './protections/tickets/verify.ts'
import { databaseMoves } from './protections/users/database.ts'
import { moves } from './protections/users/moving.ts'
import type { Mutant } from './mutant.ts'

/** One for each protection, in the order of the road. */
export const mutants: readonly Mutant[] = [
  ...configuration,
  ...comparisons,
  ...spelling,
  ...matching,
  ...road,
  ...authorization,
  ...standing,
  ...observing,
  ...tracing,
  ...authn,
  ...tokens,
  ...issuers,
  ...keys,
  ...kinds,
  ...assertions,
  ...sessions,
  ...revocations,
  ...remoteSessions,
  ...remoteApplication,
  ...records,
  ...audits,
  ...pushes,
  ...tickets,
  ...verifications,
  ...moves,
  ...databaseMoves,
  ...pages,
  ...headerRules,
  ...forwarded,
  ...exchanges,
  ...uploads,
  ...streams,
  ...events,
  ...requests,
  ...connections,
  ...lifetimes,
  ...answers,
  ...bodies,
  ...faulty,
  ...kit,
  ...doctor,
  ...attacks,
  ...explaining,
  ...consoleRules,
  ...beyond,
]

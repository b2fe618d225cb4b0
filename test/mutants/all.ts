import { road } from './data/access.ts'
import { authn } from './data/credentials/authn.ts'
import { tokens } from './data/credentials/claims.ts'
import { configuration } from './data/config.ts'
import { headerRules } from './data/headers.ts'
import { forwarded } from './data/proxy.ts'
import { spelling } from './data/path/canonical.ts'
import { matching } from './data/path/match.ts'
import { sessions } from './data/credentials/session.ts'
import type { Mutant } from './mutant.ts'

/** One for each protection, in the order of the road. */
export const mutants: readonly Mutant[] = [
  ...configuration,
  ...spelling,
  ...matching,
  ...road,
  ...authn,
  ...tokens,
  ...sessions,
  ...headerRules,
  ...forwarded,
]

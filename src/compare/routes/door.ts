import type { RouteAuth, RouteConfig } from '../../config/types.ts'
import type { Destination } from '../../routing/compile.ts'
import type { ChangeKind, Finding } from '../change.ts'
import { duration } from '../values.ts'

/** Who gets through at a path and method, from everybody to nobody; `gateway`: it is not for the configuration to say. */
export type Door = 'none' | 'observe' | 'optional' | 'required' | 'closed' | 'gateway'

const rank: Readonly<Record<Exclude<Door, 'gateway'>, number>> = {
  none: 0,
  observe: 1,
  optional: 2,
  required: 3,
  closed: 4,
}

/** @param destination undefined: a 404 or 405 */
function doorOf(destination: Destination | undefined): Door {
  switch (destination?.kind) {
    case undefined:
    case 'reserved':
      return 'closed'
    case 'endpoint':
      return 'gateway'
    case 'forward':
      return doorOfRoute(destination.route)
  }
}

/** A route that only reports refuses nobody, whatever its mode. */
export function doorOfRoute({ auth, observe }: Pick<RouteConfig, 'auth' | 'observe'>): Door {
  return observe === null || auth.mode === 'none' ? auth.mode : 'observe'
}

/** What it means that somebody else gets through now; nothing where nobody else does. */
export function judgeDoor(
  before: Destination | undefined,
  after: Destination | undefined,
): readonly Finding[] {
  const [a, b] = [doorOf(before), doorOf(after)]
  if (a === b) return a === 'observe' ? judgeObserved(before, after) : []
  const was = describe(before)
  return [
    {
      kind: kindOf(a, b),
      key: 'auth',
      mark: `=${b}`,
      say: (where) => `${where} ${becomes(b, a)} (was: ${was})`,
    },
  ]
}

/** What is only reported today is what will be refused tomorrow. */
function judgeObserved(
  before: Destination | undefined,
  after: Destination | undefined,
): readonly Finding[] {
  if (before?.kind !== 'forward' || after?.kind !== 'forward') return []
  const [a, b] = [before.route.auth.mode, after.route.auth.mode]
  if (a === b) return []
  return [
    {
      kind: rank[b] < rank[a] ? 'loosens' : 'tightens',
      key: 'auth',
      mark: `=${b}`,
      say: (where) => `${where} observes ${b} (was: ${a})`,
    },
  ]
}

/** What nobody could reach and now those can who are signed in, is no looser for anybody else. */
function kindOf(before: Door, after: Door): ChangeKind {
  if (after === 'gateway') return 'changes'
  if (before === 'gateway') return rank[after] < rank.required ? 'loosens' : 'changes'
  if (before === 'closed' && after === 'required') return 'changes'
  return rank[after] < rank[before] ? 'loosens' : 'tightens'
}

function becomes(door: Door, before: Door): string {
  switch (door) {
    case 'none':
      return 'becomes public'
    case 'observe':
      return 'refuses nobody, whoever is calling'
    case 'optional':
      return 'is open to requests without a credential'
    case 'required':
      return before === 'closed' ? 'is served to those who are signed in' : 'needs a credential'
    case 'closed':
      return 'is no longer served'
    case 'gateway':
      return 'is answered by the gateway itself'
  }
}

function describe(destination: Destination | undefined): string {
  const door = doorOf(destination)
  switch (door) {
    case 'none':
      return 'public'
    case 'observe':
      return 'observed only'
    case 'closed':
      return 'not served'
    case 'gateway':
      return "the gateway's own"
    case 'optional':
    case 'required':
      return destination?.kind === 'forward' ? authText(destination.route.auth) : door
  }
}

/** The mode, and in brackets what else a caller must have. */
export function authText({ mode, accept, needs }: RouteAuth): string {
  const { organization = null, freshMs = null, owner = null } = needs ?? {}
  const some = (name: string, values: readonly string[] | null | undefined): string[] =>
    values ? [`${name} ${values.join('|')}`] : []
  const more = [
    ...some('accept', accept),
    ...some('roles', needs?.roles),
    ...(needs?.scopes ? [`scopes ${needs.scopes.join('+')}`] : []),
    ...(organization !== null && organization.roles === null ? ['organization'] : []),
    ...some('organization', organization?.roles),
    ...(owner === null ? [] : [`owner {${owner}}`]),
    ...(needs?.emailVerified === true ? ['emailVerified'] : []),
    ...(freshMs === null ? [] : [`fresh ${duration(freshMs)}`]),
  ]
  return more.length === 0 ? mode : `${mode}, ${more.join(', ')}`
}

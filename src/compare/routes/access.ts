import type { AccessNeeds, CredentialKind, RouteConfig } from '../../config/types.ts'
import type { Finding } from '../change.ts'
import { applyRules, rule, type Rule } from '../rules.ts'
import { added, duration } from '../values.ts'

/** What a caller of a route must have, as it counts at one pattern. */
interface Access extends Omit<AccessNeeds, 'owner'> {
  /** A session has no scopes: where some are needed, it passes only where the route names it. */
  readonly accept: readonly CredentialKind[]
  /** The place of the parameter in the pattern: its name does not count. -1: nobody is asked. */
  readonly ownerAt: number
}

const everyKind: readonly CredentialKind[] = ['session', 'bearer', 'apiKey']
const withoutSessions: readonly CredentialKind[] = ['bearer', 'apiKey']
const nothing: AccessNeeds = {
  roles: null,
  scopes: null,
  freshMs: null,
  owner: null,
  emailVerified: false,
  organization: null,
}

/** Compares what two routes ask of the same caller, each with the pattern by which it was chosen. */
export function judgeAccess(
  before: { readonly route: RouteConfig; readonly pattern: string },
  after: { readonly route: RouteConfig; readonly pattern: string },
): readonly Finding[] {
  return applyRules(rules, accessOf(before), accessOf(after), 'auth')
}

function accessOf(side: { readonly route: RouteConfig; readonly pattern: string }): Access {
  const { accept, needs } = side.route.auth
  const { owner, ...rest } = needs ?? nothing
  return {
    ...rest,
    accept: accept ?? (rest.scopes === null ? everyKind : withoutSessions),
    ownerAt: owner === null ? -1 : side.pattern.split('/').indexOf(`{${owner}}`),
  }
}

function says(kind: Finding['kind'], key: string, mark: string, text: string): Finding {
  return { kind, key, mark, say: (where) => `${text} on ${where}` }
}

const rules: readonly Rule<Access>[] = [
  rule('accept', ({ accept }) => accept, judgeAccept),
  rule(
    'roles',
    ({ roles }) => [roles],
    ([a = null], [b = null]) => judgeOneOf('auth.roles', 'role', a, b),
  ),
  rule(
    'scopes',
    ({ scopes }) => [scopes],
    ([a = null], [b = null]) => judgeScopes(a ?? [], b ?? []),
  ),
  rule(
    'freshMs',
    ({ freshMs }) => [freshMs],
    ([a = null], [b = null]) => judgeFresh(a, b),
  ),
  rule('ownerAt', ({ ownerAt }) => ownerAt, judgeOwner),
  rule(
    'emailVerified',
    ({ emailVerified }) => [emailVerified],
    (_, [isNeeded]) =>
      isNeeded === true
        ? says('tightens', 'auth.emailVerified', '=true', 'a verified e-mail address is needed')
        : says(
            'loosens',
            'auth.emailVerified',
            '=false',
            'no verified e-mail address is needed any more',
          ),
  ),
  rule(
    'organization',
    ({ organization }) => [organization],
    ([a = null], [b = null]) => judgeOrganization(a, b),
  ),
]

function judgeAccept(before: readonly string[], after: readonly string[]): readonly Finding[] {
  return [
    ...added(before, after).map((kind) =>
      says('loosens', 'auth.accept', `+${kind}`, `${kind} is accepted`),
    ),
    ...added(after, before).map((kind) =>
      says('tightens', 'auth.accept', `-${kind}`, `${kind} is no longer accepted`),
    ),
  ]
}

/** Of a list of which one is enough, a longer one is looser, and none at all the loosest. */
function judgeOneOf(
  key: string,
  word: string,
  before: readonly string[] | null,
  after: readonly string[] | null,
): readonly Finding[] {
  if (after === null) {
    const gone = (before ?? []).join(', ')
    return [says('loosens', key, '=none', `${word} ${gone} is no longer needed`)]
  }
  if (before === null) {
    const next = after.join(' or ')
    return [says('tightens', key, `=${after.join('|')}`, `${word} ${next} is needed`)]
  }
  return [
    ...added(before, after).map((each) =>
      says('loosens', key, `+${each}`, `${word} ${each} is enough too`),
    ),
    ...added(after, before).map((each) =>
      says('tightens', key, `-${each}`, `${word} ${each} is not enough any more`),
    ),
  ]
}

/** All of them are needed. */
function judgeScopes(before: readonly string[], after: readonly string[]): readonly Finding[] {
  return [
    ...added(after, before).map((scope) =>
      says('loosens', 'auth.scopes', `-${scope}`, `scope ${scope} is no longer needed`),
    ),
    ...added(before, after).map((scope) =>
      says('tightens', 'auth.scopes', `+${scope}`, `scope ${scope} is needed`),
    ),
  ]
}

function judgeFresh(before: number | null, after: number | null): Finding {
  const key = 'auth.fresh'
  if (after === null) {
    return says('loosens', key, '=none', 'no fresh session is needed any more')
  }
  const kind = before !== null && after > before ? 'loosens' : 'tightens'
  const was = before === null ? '' : ` (was: ${duration(before)})`
  const text = duration(after)
  return says(kind, key, `=${text}`, `a session of at most ${text} is needed${was}`)
}

function judgeOwner(before: number, after: number): Finding {
  if (before === -1) {
    return says('tightens', 'auth.owner', '=owner', 'only the owner gets through')
  }
  return after === -1
    ? says('loosens', 'auth.owner', '=none', 'others than the owner get through')
    : says('loosens', 'auth.owner', `=${after}`, 'another part of the path says who the owner is')
}

type Organization = AccessNeeds['organization']

function judgeOrganization(before: Organization, after: Organization): readonly Finding[] {
  const key = 'auth.organization'
  if (after === null) {
    return [says('loosens', key, '=none', 'no membership of an organisation is needed any more')]
  }
  if (before === null) {
    return [says('tightens', key, '=member', 'membership of an organisation is needed')]
  }
  return judgeOneOf(`${key}.roles`, 'the role in the organisation', before.roles, after.roles)
}

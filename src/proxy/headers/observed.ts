import type { ObserveConfig, RouteConfig } from '../../config/types.ts'
import type { HeaderRules } from '../headers.ts'

/** What became of the comparison of our user with the one that FastAPI's own login has found. */
export type UserComparison = 'same' | 'different' | 'only_gateway' | 'only_application' | 'neither'

/** One comparison, for the metrics and the log. */
export interface ComparedUsers {
  readonly route: string
  readonly requestId: string
  readonly result: UserComparison
  /** As each side calls the user; null: nobody. */
  readonly gateway: string | null
  readonly application: string | null
}

/** The rules towards FastAPI for a route that only observes: its own login goes on to get what it was sent before. */
export function rulesOf({ observe }: RouteConfig, rules: HeaderRules): HeaderRules {
  if (observe === null) return rules
  const filterCookies = observe.sessionCookies
    ? (_connection: object, value: string): string => value
    : rules.filterCookies
  return { ...rules, dropsApiKey: false, filterCookies }
}

/** The part of an admitted request that a comparison looks at. */
export interface Compared {
  readonly requestId: string
  readonly admission: {
    readonly route: Pick<RouteConfig, 'name' | 'observe'>
    readonly knownAs: string | null
    readonly observed: { readonly code: string } | null
  }
}

/**
 * Takes the header that names the user out of FastAPI's answer, and reports what it says beside whom we know. Nothing is
 * reported where one side could not know: our session store was away, or FastAPI failed before its login had its turn.
 * @param status of the answer
 * @returns the headers without it, flat
 */
export function takeUser(
  status: number,
  upstreamHeaders: readonly string[],
  { requestId, admission: { route, knownAs, observed } }: Compared,
  onCompared: (compared: ComparedUsers) => void,
): readonly string[] {
  const { name, observe } = route
  const taken = split(upstreamHeaders, observe?.userHeader ?? null)
  if (taken === null) return upstreamHeaders
  const { user: application, rest } = taken
  const isUnknown = observed?.code === 'session_store_unavailable'
  if (isUnknown || (status >= 500 && application === null)) return rest
  const result = compare(knownAs, application)
  onCompared({ route: name, requestId, result, gateway: knownAs, application })
  return rest
}

function split(
  headers: readonly string[],
  wanted: ObserveConfig['userHeader'],
): { readonly user: string | null; readonly rest: readonly string[] } | null {
  if (wanted === null) return null
  const users: string[] = []
  const rest: string[] = []
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? ''
    const value = headers[index + 1] ?? ''
    if (name.toLowerCase() === wanted) users.push(value.trim())
    else rest.push(name, value)
  }
  // Said twice in different words it is the name of nobody that we could know, and so counts as another user.
  const user = [...new Set(users)].join(', ')
  return { user: user === '' ? null : user, rest }
}

/** Ids are compared letter by letter: two that differ in case may be two users. */
export function compare(gateway: string | null, application: string | null): UserComparison {
  if (gateway === null) return application === null ? 'neither' : 'only_application'
  if (application === null) return 'only_gateway'
  return gateway === application ? 'same' : 'different'
}

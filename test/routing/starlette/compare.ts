import { isRefusal } from '../../../src/errors/refusal.ts'
import { readTarget, toOriginForm } from '../../../src/routing/canonical.ts'
import { matchRoute } from '../../../src/routing/match.ts'
import { parameterOf } from '../../../src/routing/parameter.ts'
import type { RouteTable } from '../../../src/routing/compile.ts'
import type { Oracle, Reached } from './oracle.ts'
import { toRouteTable, type Table } from './tables.ts'
import type { Ask } from './targets.ts'

/** What the gateway decides: the route it forwards to with its parameters and the bytes that it forwards, or the code of its refusal. */
export type Decision =
  | {
      readonly route: string
      readonly target: string
      readonly parameters: Readonly<Record<string, string | null>>
    }
  | { readonly code: string; readonly target: string }

export function decide(routes: RouteTable, [method, received]: Ask): Decision {
  const target = toOriginForm(received, 'app.test')
  const canonical = readTarget(target)
  if (isRefusal(canonical)) return { code: canonical.code, target }
  const matched = matchRoute(routes, canonical, 'app.test', method)
  if (isRefusal(matched)) return { code: matched.code, target }
  return matched.kind === 'forward'
    ? {
        route: matched.route.name,
        target: canonical.target,
        parameters: parametersOf(matched.pattern, canonical.path),
      }
    : { code: matched.kind, target }
}

function parametersOf(pattern: string, path: string): Record<string, string | null> {
  const names = [...pattern.matchAll(/\{([^/{}]+)\}/g)].map(([, name = '']) => name)
  return Object.fromEntries(names.map((name) => [name, parameterOf(pattern, name, path)]))
}

export interface Comparison {
  /** Sentences about targets on which the gateway and Starlette disagree. */
  readonly disagreements: readonly string[]
  /** How often each route was chosen and each code given. */
  readonly outcomes: ReadonlyMap<string, number>
}

/**
 * Compares what the gateway decides about each request with the endpoint that its forwarded bytes reach. Three things must
 * hold: what is admitted to a route reaches the endpoint of that very route, and so of its access mode, with the very parameters; a
 * path that no route matches reaches nothing; a method that is refused is one that the most specific endpoint does not serve.
 */
export async function compare(
  oracle: Oracle,
  table: Table,
  asked: readonly Ask[],
): Promise<Comparison> {
  const routes = toRouteTable(table)
  const decisions = asked.map((ask) => decide(routes, ask))
  const legible = decisions.map(
    ({ target }, index) => [asked[index]?.[0] ?? '', spelled(target)] as const,
  )
  const reached = await oracle.ask(table, legible)
  const disagreements: string[] = []
  const outcomes = new Map<string, number>()
  for (const [index, decision] of decisions.entries()) {
    const there = reached[index]
    const here = 'route' in decision ? decision.route : decision.code
    outcomes.set(here, (outcomes.get(here) ?? 0) + 1)
    if (!agrees(decision, there)) {
      const ask = JSON.stringify(asked[index])
      const both = [decision, there].map((each) => JSON.stringify(each))
      disagreements.push(`${ask}: here ${both[0]}, there ${both[1]}`)
    }
  }
  return { disagreements, outcomes }
}

function agrees(decision: Decision, reached: Reached | undefined): boolean {
  if ('route' in decision) {
    if (typeof reached !== 'object' || reached[0] !== decision.route) return false
    return Object.entries(decision.parameters).every(([name, value]) => reached[1][name] === value)
  }
  if (decision.code === 'route_not_found') return typeof reached === 'number'
  return true
}

/** What cannot stand in a request line is never forwarded, and would only say something about the parser behind. */
function spelled(target: string): string {
  return /^[\x21-\x7e]+$/.test(target) ? target : '/not-forwarded'
}

import type { GatewayConfig } from '../../config/types.ts'
import {
  allMethods,
  compileRoutes,
  type Destination,
  type Leaf,
  type RouteTable,
} from '../../routing/compile.ts'
import { findLeaf } from '../../routing/match.ts'
import { toChange, type Change, type Finding } from '../change.ts'
import { judgeAccess } from './access.ts'
import { patternOf, representatives } from './classes.ts'
import { judgeDoor } from './door.ts'
import { compareHosts, hostsOfRoutes } from './hosts.ts'
import { judgeService } from './service.ts'

interface Side {
  readonly table: RouteTable
  readonly names: ReadonlySet<string>
}

/** Methods of a pattern that lead to one thing before and to one thing after. */
interface Crossing {
  readonly pattern: string
  readonly methods: readonly string[]
  readonly before: Destination | undefined
  readonly after: Destination | undefined
}

/**
 * What became of every path and method, as the gateway matches it: a route that is the same may no longer be the one that
 * answers. Throws `TooManyClasses`.
 */
export function compareRoutes(before: GatewayConfig, after: GatewayConfig): readonly Change[] {
  const [a, b] = [toSide(before), toSide(after)]
  const general = crossingsAt(null, a, b)
  const everywhere = new Set(general.map(toKey))
  const hosts = hostsOfRoutes(before, after)
  const changes = [
    ...compareHosts(before, after),
    ...general.flatMap((crossing) => judge(crossing, null, a, b)),
    ...hosts.flatMap((host) =>
      crossingsAt(host, a, b)
        .filter((crossing) => !everywhere.has(toKey(crossing)))
        .flatMap((crossing) => judge(crossing, host, a, b)),
    ),
  ]
  return [...new Map(changes.map((change) => [change.id, change])).values()]
}

function toSide(config: GatewayConfig): Side {
  const names = new Set(config.routes.map(({ name }) => name))
  return { table: compileRoutes(config), names }
}

/** null: a host that no route names. */
function crossingsAt(host: string | null, a: Side, b: Side): readonly Crossing[] {
  const roots = [a, b].map(({ table }) => table.byHost.get(host ?? '') ?? table.root)
  const name = host ?? ''
  const seen = new Map<Leaf | null, Set<Leaf | null>>()
  const found: Crossing[] = []
  for (const path of representatives(roots)) {
    const [before, after] = [findLeaf(a.table, name, path), findLeaf(b.table, name, path)]
    const partners = seen.get(before) ?? new Set()
    if (partners.has(after)) continue
    seen.set(before, partners.add(after))
    found.push(...split(before, after, patternOf(before, after)))
  }
  return found
}

function split(before: Leaf | null, after: Leaf | null, pattern: string): readonly Crossing[] {
  const byEnds = new Map<Destination | undefined, Map<Destination | undefined, string[]>>()
  for (const method of allMethods) {
    const [a, b] = [before?.byMethod.get(method), after?.byMethod.get(method)]
    if (a === undefined && b === undefined) continue
    const ends = byEnds.get(a) ?? new Map<Destination | undefined, string[]>()
    byEnds.set(a, ends.set(b, [...(ends.get(b) ?? []), method]))
  }
  return [...byEnds].flatMap(([a, ends]) =>
    [...ends].map(([b, methods]) => ({ pattern, methods, before: a, after: b })),
  )
}

function toKey({ pattern, methods, before, after }: Crossing): string {
  const ends = [before, after].map((end) =>
    end?.kind === 'forward' ? `${end.route.name} ${end.pattern}` : (end?.kind ?? ''),
  )
  return JSON.stringify([pattern, methods, ends])
}

function judge(crossing: Crossing, host: string | null, a: Side, b: Side): readonly Change[] {
  const { before, after } = crossing
  const note = noteOf(crossing, a, b)
  const where = `${methodsText(crossing.methods)}${crossing.pattern}`
  const id = host === null ? where : `${where} at ${host}`
  const shown = host === null ? `\`${where}\`` : `\`${where}\` at ${host}`
  const here = (found: Finding): Change => toChange(withNote(found, note), id, shown)
  const door = judgeDoor(before, after)
  if (before?.kind !== 'forward' || after?.kind !== 'forward') return door.map(here)
  const needs = door.length === 0 && before.route.auth.mode !== 'none'
  const access = [...door, ...(needs ? judgeAccess(before, after) : [])]
  const service = judgeService(before.route, after.route)
  const { name } = after.route
  if (before.route.name === name) {
    const ofRoute = service.map((found) => toChange(found, `route ${name}`, `route \`${name}\``))
    return [...access.map(here), ...ofRoute]
  }
  const all = [...access, ...service]
  return all.length > 0 ? all.map(here) : [here(renamed(name))]
}

function renamed(name: string): Finding {
  return {
    kind: 'changes',
    key: 'routes',
    mark: `=${name}`,
    say: (where) => `${where} belongs to another route`,
  }
}

function withNote(found: Finding, note: string): Finding {
  return { ...found, say: (where) => `${found.say(where)}${note}` }
}

/** Which routes it is about, where it is not the same one. */
function noteOf({ before, after }: Crossing, a: Side, b: Side): string {
  const [old, next] = [before, after].map((end) =>
    end?.kind === 'forward' ? end.route.name : null,
  )
  if (old === next) return ''
  if (typeof next === 'string' && !a.names.has(next)) return `; route \`${next}\` is new`
  if (typeof old === 'string' && !b.names.has(old)) return `; route \`${old}\` is gone`
  if (typeof next !== 'string') return typeof old === 'string' ? `; it was route \`${old}\`` : ''
  return typeof old === 'string'
    ? `; by route \`${next}\` (was: \`${old}\`)`
    : `; by route \`${next}\``
}

/** GET implies HEAD, and every method needs no list. */
function methodsText(methods: readonly string[]): string {
  if (methods.length === allMethods.length) return ''
  const isImplied = methods.includes('GET')
  return `${methods.filter((method) => method !== 'HEAD' || !isImplied).join(' ')} `
}

import fc from 'fast-check'
import type { AccessMode, GatewayConfig, Method, PathEscape } from '../../../src/config/types.ts'
import { allMethods, compileRoutes, type RouteTable } from '../../../src/routing/compile.ts'

/** One route, by what matters to which endpoint a path belongs to. */
export interface Pattern {
  readonly name: string
  readonly path: string
  readonly methods: readonly Method[] | null
  readonly allow: readonly PathEscape[]
  readonly mode: AccessMode
}

export type Table = readonly Pattern[]

function pattern(path: string, mode: AccessMode, more: Partial<Pattern> = {}): Pattern {
  return { name: `${mode} ${path}`, path, methods: null, allow: [], mode, ...more }
}

/** What people write: a protected application with public corners, parameters, files with odd names. */
export const ordinary: Table = [
  pattern('/*', 'none', { methods: ['GET', 'HEAD'] }),
  pattern('/api/*', 'required'),
  pattern('/api/health', 'none'),
  pattern('/api/public/*', 'none'),
  pattern('/api/public/drafts/*', 'required'),
  pattern('/api/users/{user_id}', 'required'),
  pattern('/api/users/{user_id}/*', 'required'),
  pattern('/api/users/new', 'none', { methods: ['GET', 'HEAD'] }),
  pattern('/api/users/{user_id}/avatar', 'none'),
  pattern('/api/admin', 'required'),
  pattern('/api/admin/', 'required'),
  pattern('/api/{version}/docs', 'optional'),
  pattern('/files/*', 'none', { allow: ['%2F', ';'] }),
  pattern('/files/private/*', 'required', { allow: ['%2F'] }),
  pattern('/wiki/{page}', 'optional', { allow: ['%25', ';'] }),
  pattern('/café/*', 'required'),
  pattern('/a b', 'required'),
]

const segment = fc.constantFrom('a', 'b', 'api', 'admin', 'v1', 'x.y', '.b', 'é', '{x}')

/** Tables that nobody would write, in which any pattern may overlap any other. */
export const anyTable: fc.Arbitrary<Table> = fc
  .array(
    fc.record({
      segments: fc.array(segment, { maxLength: 3 }),
      isWildcard: fc.boolean(),
      methods: fc.constantFrom(null, ['GET', 'HEAD'] as const, ['POST'] as const),
      allow: fc.subarray(['%2F', '%25', ';'] as const),
      mode: fc.constantFrom('required', 'optional', 'none'),
    }),
    { minLength: 2, maxLength: 8 },
  )
  .map((drafts) => {
    const byShape = new Map<string, Pattern>()
    for (const { segments, isWildcard, ...more } of drafts) {
      // Parameter names occur once in a pattern.
      const named = segments.map((each, index) => (each === '{x}' ? `{x${index}}` : each))
      const path = `/${[...named, ...(isWildcard ? ['*'] : [])].join('/')}`
      byShape.set(path, pattern(path, more.mode, more))
    }
    return [...byShape.values()]
  })

/** The table as the gateway compiles it. */
export function toRouteTable(table: Table): RouteTable {
  const routes = table.map(({ name, path, methods, allow, mode }) => ({
    name,
    match: { paths: [path], methods, allow, hosts: null },
    auth: { mode, forwardAuthorization: false },
  }))
  return compileRoutes({ auth: { path: '/auth-of-ours' }, routes } as unknown as GatewayConfig)
}

/** A route of the Starlette application; there the first that matches serves. */
export interface Endpoint {
  readonly name: string
  readonly path: string
  readonly methods: readonly Method[]
}

/**
 * The same table for Starlette, in the order that the documentation promises: at the first segment in which two patterns
 * differ in kind, the end of the pattern or a literal comes before a parameter, and a parameter before `*`.
 */
export function toEndpoints(table: Table): readonly Endpoint[] {
  return table
    .toSorted((one, other) => (kindsOf(one.path) < kindsOf(other.path) ? -1 : 1))
    .map(({ name, path, methods }) => ({ name, path, methods: methods ?? allMethods }))
}

function kindsOf(path: string): string {
  const kind = (each: string): string => (each === '*' ? '2' : each.startsWith('{') ? '1' : '0')
  return path.slice(1).split('/').map(kind).join('')
}

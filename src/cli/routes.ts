import type { GatewayConfig } from '../config/types.ts'
import { listLeaves } from '../routing/list.ts'
import { compileRoutes } from '../routing/compile.ts'
import { loadFor, type ConfigOption } from './config.ts'

interface Row {
  readonly path: string
  readonly methods: string
  readonly auth: string
  readonly to: string
  readonly name: string
}

/** `sallyport routes`: the table as the gateway matches it, most specific first. */
export function runRoutes(options: ConfigOption & { readonly format: 'text' | 'json' }): void {
  const rows = toRows(loadFor(options).config)
  if (options.format === 'json') console.log(JSON.stringify(rows, null, 2))
  else console.log(toTable(rows))
}

/** The route table as rows; reserved paths are listed too, because they win over routes. */
export function toRows(config: GatewayConfig): readonly Row[] {
  return listLeaves(compileRoutes(config)).flatMap(({ pattern, byMethod }) => {
    const groups = Map.groupBy(byMethod, ([, destination]) => destination)
    return [...groups].map(([destination, entries]): Row => {
      const methods = entries.map(([method]) => method).join(' ')
      if (destination.kind !== 'forward') {
        const auth =
          destination.kind === 'endpoint' && destination.access === 'session' ? 'session' : '-'
        const to = destination.kind === 'endpoint' ? 'gateway' : 'refused (404)'
        return { path: pattern, methods, auth, to, name: '-' }
      }
      const { route } = destination
      return { path: pattern, methods, auth: route.auth.mode, to: route.upstream, name: route.name }
    })
  })
}

function toTable(rows: readonly Row[]): string {
  const header: Row = { path: 'PATH', methods: 'METHODS', auth: 'AUTH', to: 'TO', name: 'NAME' }
  const columns = ['path', 'methods', 'auth', 'to', 'name'] as const
  const all = [header, ...rows]
  const widths = columns.map((column) => Math.max(...all.map((row) => row[column].length)))
  return all
    .map((row) =>
      columns
        .map((column, index) => row[column].padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

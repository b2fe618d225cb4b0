import { dirname, relative, resolve } from 'node:path'
import type { GatewayConfig } from '../config/types.ts'
import { compileRoutes } from '../routing/compile.ts'
import { listRows, type RouteRow } from '../routing/list.ts'
import { configFile, loadFor, type ConfigOption } from './config.ts'

/** `sallyport routes`: the table as the gateway matches it, most specific first. */
export function runRoutes(options: ConfigOption & { readonly format: 'text' | 'json' }): void {
  const { config } = loadFor(options)
  const rows = toRows(config, dirname(resolve(configFile(options))))
  if (options.format === 'json') console.log(JSON.stringify(rows, null, 2))
  else console.log(toTable(rows))
}

/**
 * The route table as rows.
 * @param folder what the folders of static routes are shown relative to
 */
export function toRows(config: GatewayConfig, folder: string): readonly RouteRow[] {
  return listRows(compileRoutes(config), (dir) => {
    const path = relative(folder, dir)
    return path.startsWith('..') ? path : `./${path}`
  })
}

function toTable(rows: readonly RouteRow[]): string {
  const header: RouteRow = {
    host: 'HOST',
    path: 'PATH',
    methods: 'METHODS',
    auth: 'AUTH',
    to: 'TO',
    name: 'NAME',
  }
  const hasHosts = rows.some(({ host }) => host !== '*')
  const columns = [
    ...(hasHosts ? (['host'] as const) : []),
    ...(['path', 'methods', 'auth', 'to', 'name'] as const),
  ]
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

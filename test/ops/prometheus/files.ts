import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { paths } from './programs.ts'

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: {
    readonly x: number
    readonly y: number
    readonly w: number
    readonly h: number
  }
  readonly datasource?: { readonly uid: string }
  readonly targets?: readonly {
    readonly expr: string
    readonly datasource: { readonly uid: string }
  }[]
}

interface Variable {
  readonly name: string
  readonly type: string
  readonly query: string | { readonly query: string }
}

export interface Dashboard {
  readonly uid: string
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly Variable[] }
  readonly annotations: { readonly list: readonly { readonly expr?: string }[] }
}

export function readDashboard(): Dashboard {
  const text = readFileSync(join(paths.root, 'deploy/grafana/dashboard.json'), 'utf8')
  return JSON.parse(text) as Dashboard
}

/** Every expression of the dashboard as Grafana would send it with all of everything chosen, with where it stands. */
export function expressionsOf({ panels, annotations }: Dashboard): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const { title, targets = [] } of panels) {
    for (const [index, { expr }] of targets.entries()) found.set(`${title} ${index}`, expr)
  }
  for (const { expr } of annotations.list) if (expr !== undefined) found.set('annotation', expr)
  return new Map([...found].map(([place, expr]) => [place, filled(expr)]))
}

function filled(expression: string): string {
  return expression
    .replaceAll('$__rate_interval', '1m')
    .replaceAll(/\$(?:job|instance|route)/g, '.*')
}

export interface Alert {
  readonly alert: string
  readonly expr: string
  readonly annotations: Readonly<Record<string, string>>
}

export function readAlerts(): readonly Alert[] {
  const text = readFileSync(join(paths.root, 'deploy/prometheus/alerts.yaml'), 'utf8')
  const { groups } = parse(text) as { readonly groups: readonly { readonly rules: Alert[] }[] }
  return groups.flatMap(({ rules }) => rules)
}

const ownNames = /\b(?:sallyport|nodejs|process)_[a-z0-9_]+/g

/** Names of ours in an expression. */
export function metricsIn(expression: string): readonly string[] {
  return [...expression.matchAll(ownNames)].map(([name]) => name)
}

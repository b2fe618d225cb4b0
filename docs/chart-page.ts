import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMap, parseDocument, type Pair, type Scalar, type YAMLMap } from 'yaml'
import { jsonSchema } from '../src/config/schema.ts'
import { code, generatedNote, table } from './markdown.ts'

const deploy = join(import.meta.dirname, '../deploy')

/** A value of the Helm chart that has a comment in values.yaml. */
export interface ChartValue {
  readonly path: readonly string[]
  readonly preset: unknown
  /** The comment. */
  readonly meaning: string
}

type Schema = Readonly<Record<string, unknown>>

/** What the Helm chart has from elsewhere, by its path relative to docs/: a package holds real files, no links. */
export function chartFiles(): Readonly<Record<string, string>> {
  const chart = '../deploy/helm/sallyport'
  return {
    [`${chart}/README.md`]: `${readme()}\n`,
    [`${chart}/values.schema.json`]: `${JSON.stringify(valuesSchema())}\n`,
    [`${chart}/files/alerts.yaml`]: readFileSync(join(deploy, 'prometheus/alerts.yaml'), 'utf8'),
    [`${chart}/files/dashboard.json`]: readFileSync(join(deploy, 'grafana/dashboard.json'), 'utf8'),
  }
}

/** The values of the chart, as they stand in values.yaml. Throws where one has no comment. */
export function chartValues(): readonly ChartValue[] {
  const text = readFileSync(join(deploy, 'helm/sallyport/values.yaml'), 'utf8')
  const { contents } = parseDocument(text)
  if (!isMap(contents)) throw new Error('values.yaml is no mapping')
  return valuesIn(contents as YAMLMap<Scalar<string>>, [])
}

function valuesIn(map: YAMLMap<Scalar<string>>, parent: readonly string[]): readonly ChartValue[] {
  return map.items.flatMap((pair, index) => {
    const path = [...parent, pair.key.value]
    const comment = commentOf(map, index)
    const inner = isMap(pair.value) ? (pair.value as YAMLMap<Scalar<string>>) : null
    const inside = inner !== null && hasComments(inner) ? valuesIn(inner, path) : []
    if (comment === null) {
      if (inside.length === 0) throw new Error(`${path.join('.')} has no comment in values.yaml`)
      return inside
    }
    // What stands above a blank line is about the whole file.
    const meaning = comment.split('\n\n').at(-1)?.trim() ?? ''
    return [{ path, preset: presetOf(pair), meaning }, ...inside]
  })
}

function hasComments(map: YAMLMap<Scalar<string>>): boolean {
  return map.items.some(
    ({ value }, index) =>
      commentOf(map, index) !== null ||
      (isMap(value) && hasComments(value as YAMLMap<Scalar<string>>)),
  )
}

/** The comment above an entry; above the first one it belongs to the mapping. */
function commentOf(map: YAMLMap<Scalar<string>>, index: number): string | null {
  return map.items[index]?.key.commentBefore ?? (index === 0 ? map.commentBefore : null) ?? null
}

function presetOf({ value }: Pair<Scalar<string>>): unknown {
  return (value as Scalar).toJSON()
}

function readme(): string {
  return [
    '# Sallyport',
    generatedNote('values.yaml and docs/chart-page.ts'),
    'A gateway that enforces Better Auth sessions and bearer tokens before an unchanged FastAPI application. `docs/deploy.md` of its repository says how to begin, and `docs/configuration.md` what `config` may hold.',
    table(
      ['value', 'default', 'meaning'],
      chartValues().map(({ path, preset, meaning }) => [
        code(path.join('.')),
        path.join() === 'config' ? '—' : code(JSON.stringify(preset)),
        meaning,
      ]),
    ),
  ].join('\n\n')
}

const texts = { type: 'object', additionalProperties: { type: 'string' } }
const port = { type: 'integer', minimum: 1, maximum: 65535 }
const count = { type: 'integer', minimum: 1 }
const variable = '^[A-Za-z_][A-Za-z0-9_]*$'

/** What the type of the default does not say. */
const narrower: Readonly<Record<string, Schema>> = {
  // Neither in place of the configuration, nor of its environment, which is for the Secret.
  configFiles: { ...texts, propertyNames: { not: { enum: ['gateway.config.yaml', '.env'] } } },
  database: { enum: ['postgres', 'sqlite'] },
  'secret.extraKeys': { type: 'array', items: { type: 'string', pattern: variable } },
  'secret.values': { ...texts, propertyNames: { pattern: variable } },
  'image.repository': { type: 'string', minLength: 1 },
  'image.tag': { type: 'string', not: { const: 'latest' } },
  'image.digest': { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' },
  'image.pullPolicy': { enum: ['Always', 'IfNotPresent', 'Never'] },
  replicas: count,
  'autoscaling.minReplicas': count,
  'autoscaling.maxReplicas': count,
  'autoscaling.targetCPUUtilizationPercentage': count,
  'service.type': { enum: ['ClusterIP', 'NodePort', 'LoadBalancer'] },
  'service.port': port,
  'networkPolicy.fastapi.port': port,
  'podDisruptionBudget.maxUnavailable': { type: ['integer', 'string'] },
  'podMonitor.interval': { type: 'string', pattern: '^([0-9]+(ms|s|m|h))+$' },
  terminationGracePeriodSeconds: { type: 'integer', minimum: 0 },
  logLevel: { enum: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] },
  otlpEndpoint: { type: 'string', pattern: '^(https?://.+)?$' },
}

/** The JSON Schema of the values, in which `config` is the gateway's own. Its descriptions are left out: Helm reads it, and a release carries it. */
function valuesSchema(): Schema {
  const root: Record<string, unknown> = {}
  for (const { path, preset } of chartValues()) place(root, path, schemaOf(path.join('.'), preset))
  const { properties } = withoutWords(jsonSchema()) as { properties: unknown }
  // That upstreams and routes are missing is said in words of ours.
  root['config'] = { type: 'object', properties, additionalProperties: false }
  // Where the chart is a part of another, Helm puts the values that all share here.
  root['global'] = { type: 'object' }
  return { $schema: 'http://json-schema.org/draft-07/schema#', ...closed(root) }
}

function place(root: Record<string, unknown>, path: readonly string[], schema: Schema): void {
  const [name = '', ...rest] = path
  if (rest.length === 0) root[name] = schema
  // `config` has a schema of its own, whatever of it has a comment.
  else if (name !== 'config') {
    root[name] ??= closed({})
    place((root[name] as { properties: Record<string, unknown> }).properties, rest, schema)
  }
}

function closed(properties: Record<string, unknown>): Schema {
  return { type: 'object', properties, additionalProperties: false }
}

function schemaOf(path: string, preset: unknown): Schema {
  const own = narrower[path]
  if (own !== undefined) return own
  if (/(?:^|\.)(?:annotations|labels|(?:pod|common)\w+s|nodeSelector)$/.test(path)) return texts
  if (Array.isArray(preset)) return { type: 'array', items: { type: 'object' } }
  return { type: typeof preset === 'number' ? 'integer' : typeof preset }
}

const words = new Set(['description', 'default', 'examples', 'title'])

function withoutWords(node: unknown, areNames = false): unknown {
  if (Array.isArray(node)) return node.map((each) => withoutWords(each))
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => areNames || !words.has(key))
      .map(([key, inner]) => [key, withoutWords(inner, key === 'properties' && !areNames)]),
  )
}

import t from 'tap'
import { compareConfigs } from '../../src/compare/compare.ts'
import type { GatewayConfig } from '../../src/config/types.ts'
import { configOf, hidden, populated, remote } from './populated.ts'

type Path = readonly string[]
interface Changed {
  readonly path: string
  readonly config: GatewayConfig
}

/** What another value looks like where not every text will do. */
const others: Readonly<Record<string, string>> = {
  GET: 'PUT',
  HEAD: 'PUT',
  POST: 'PUT',
  session: 'apiKey',
  bearer: 'apiKey',
  required: 'optional',
  domains: 'open',
  upstream: 'static',
  static: 'upstream',
  '%2F': '%25',
}

function otherThan(value: unknown): unknown {
  if (typeof value === 'number') return value + 1
  if (typeof value === 'boolean') return !value
  if (typeof value !== 'string') return value
  if (value.startsWith('/')) return `/other${value}`
  if (/^\w+:\/\//.test(value)) return value.replace('://', '://other-')
  return others[value] ?? `other${value}`
}

function withValue(config: GatewayConfig, path: Path, value: unknown): GatewayConfig {
  const copy = structuredClone(config)
  let parent = copy as unknown as Record<string, unknown>
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string, unknown>
  parent[path.at(-1) ?? ''] = value
  return copy
}

/** The configuration once for each leaf, with that leaf changed; and once for each mapping, with a key that nobody knows yet. */
function* changesOf(config: GatewayConfig, value: unknown, path: Path = []): Generator<Changed> {
  const name = path.join('.')
  if (typeof value !== 'object' || value === null) {
    if (value !== null) yield { path: name, config: withValue(config, path, otherThan(value)) }
    return
  }
  if (!Array.isArray(value)) {
    const unknown = [...path, 'unforeseen']
    yield { path: unknown.join('.'), config: withValue(config, unknown, 1) }
  }
  for (const [key, inner] of Object.entries(value)) yield* changesOf(config, inner, [...path, key])
}

for (const [name, text] of Object.entries({ embedded: populated, remote })) {
  const config = configOf(text)

  t.test(`${name}: whatever leaf is changed, it is said, and no secret is`, async (t) => {
    let count = 0
    for (const { path, config: changed } of changesOf(config, config)) {
      count += 1
      // Texts of these are the names under which other things are found.
      const changes = [
        ...compareConfigs(config, changed).changes,
        ...compareConfigs(changed, config).changes,
      ]
      t.ok(changes.length > 0, path)
      const said = JSON.stringify(changes)
      for (const [variable, secret] of Object.entries(hidden)) {
        if (said.includes(secret)) t.fail(`${path} shows ${variable}`)
      }
    }
    t.ok(count > 60, `${count} leaves`)
  })

  t.test(`${name}: the same is the same`, async (t) => {
    t.strictSame(compareConfigs(config, structuredClone(config)), { changes: [], restart: [] })
  })

  t.test(
    `${name}: what a later configuration lacks is said, and so is what it has more`,
    async (t) => {
      for (const [section, value] of Object.entries(config)) {
        if (value === null || !['admin', 'redis', 'verify'].includes(section)) continue
        const without = { ...config, [section]: null }
        t.ok(compareConfigs(config, without).changes.length > 0, section)
        t.ok(compareConfigs(without, config).changes.length > 0, section)
      }
    },
  )
}

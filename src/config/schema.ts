import { z } from 'zod'
import type { Path } from './yaml/places.ts'
import { authSchema, isEmbeddedOnly } from './schema/auth.ts'
import { bearerSchema } from './schema/bearer.ts'
import { identitySchema } from './schema/identity.ts'
import { defaultsSchema, routeSchema } from './schema/routes.ts'
import {
  adminSchema,
  auditSchema,
  logSchema,
  pagesSchema,
  redisSchema,
  serverSchema,
  verifySchema,
} from './schema/server.ts'
import { testsSchema } from './schema/tests/test.ts'
import { upstreamSchema } from './schema/upstreams.ts'

/** The single source of shape, defaults and descriptions of the configuration file. */
export const configSchema = z
  .strictObject({
    version: z
      .literal(1, { error: 'expected 1, the only version there is' })
      .prefault(1)
      .meta({ description: 'Version of this format.' }),
    server: serverSchema,
    admin: adminSchema,
    audit: auditSchema,
    auth: authSchema,
    bearer: bearerSchema,
    identity: identitySchema,
    log: logSchema,
    pages: pagesSchema,
    redis: redisSchema,
    upstreams: z.record(z.string(), upstreamSchema).meta({
      description: 'The FastAPI servers, by name.',
      examples: [{ api: 'http://127.0.0.1:8000' }],
    }),
    defaults: defaultsSchema,
    routes: z.array(routeSchema).min(1).meta({
      description:
        'Which requests go where. The most specific path wins, whatever the order; a path without a route is a 404.',
    }),
    tests: testsSchema,
    verify: verifySchema,
  })
  .meta({ title: 'Sallyport configuration', description: 'gateway.config.yaml of Sallyport.' })

/**
 * The defaults that refer to the environment, by path: `server.listen` is `0.0.0.0:${PORT:-8080}`.
 * @param isRemote Better Auth runs elsewhere: what only one of our own needs is not asked for
 */
export function referencingDefaults(
  isRemote: boolean,
): readonly { readonly path: Path; readonly text: string }[] {
  const all = collectDefaults(configSchema, [])
  if (!isRemote) return all
  return all.filter(({ path: [section, key] }) => section !== 'auth' || !isEmbeddedOnly(key))
}

function collectDefaults(schema: z.core.$ZodType, path: Path): { path: Path; text: string }[] {
  const { def } = (schema as z.core.$ZodTypes)._zod
  if (def.type === 'prefault') {
    const { defaultValue } = def
    return typeof defaultValue === 'string' && defaultValue.includes('${')
      ? [{ path, text: defaultValue }]
      : collectDefaults(def.innerType, path)
  }
  if (def.type !== 'object') return []
  return Object.entries(def.shape).flatMap(([key, inner]) => collectDefaults(inner, [...path, key]))
}

/** The keys that a mapping may have at this path; empty where any key or none is allowed. */
export function knownKeys(path: Path): readonly string[] {
  return [...new Set(keysAt(configSchema, path))]
}

function keysAt(schema: z.core.$ZodType, path: Path): string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod
  const [head, ...rest] = path
  if (def.type === 'prefault' || def.type === 'optional' || def.type === 'nullable') {
    return keysAt(def.innerType, path)
  }
  if (def.type === 'pipe') return keysAt(def.in, path)
  if (def.type === 'union') return def.options.flatMap((option) => keysAt(option, path))
  if (def.type === 'array') return head === undefined ? [] : keysAt(def.element, rest)
  if (def.type === 'record') {
    return head === undefined ? wordsOf(def.keyType) : keysAt(def.valueType, rest)
  }
  if (def.type !== 'object') return []
  if (head === undefined) return Object.keys(def.shape)
  const inner = def.shape[head]
  return inner === undefined ? [] : keysAt(inner, rest)
}

function wordsOf(schema: z.core.$ZodType): string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod
  return def.type === 'enum' ? Object.values(def.entries).map(String) : []
}

type JsonNode = Record<string, unknown>

/** The configuration file as JSON Schema draft-07, for completion and hover in editors. */
export function jsonSchema(): JsonNode {
  const schema = z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input', override })
  return allowReferences(schema)
}

/** Ours are examples of what is written; zod leaves them out where they could be examples of what it becomes. */
function override({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: object }) {
  const { examples } = z.globalRegistry.get(zodSchema) ?? {}
  if (Array.isArray(examples)) Object.assign(jsonSchema, { examples })
}

const reference = { type: 'string', pattern: '\\$\\{' }

/** Numbers, booleans and fixed words may come from the environment too. */
function allowReferences(node: JsonNode): JsonNode {
  const result: JsonNode = {}
  for (const [key, value] of Object.entries(node)) result[key] = convertKeyword(key, value)
  const isFixed = 'enum' in node || 'const' in node
  const isScalar = ['boolean', 'integer', 'number'].includes(String(node['type']))
  if (!isFixed && !isScalar) return result
  const { description, default: preset, examples, ...rest } = result
  const annotations = { description, default: preset, examples }
  return dropUndefined({ ...annotations, anyOf: [rest, reference] })
}

function convertKeyword(keyword: string, value: unknown): unknown {
  switch (keyword) {
    case 'properties':
      return Object.fromEntries(
        Object.entries(value as Record<string, JsonNode>).map(([key, inner]) => [
          key,
          allowReferences(inner),
        ]),
      )
    case 'anyOf':
      return (value as JsonNode[]).map(allowReferences)
    case 'items':
      return allowReferences(value as JsonNode)
    case 'additionalProperties':
      return typeof value === 'object' && value !== null
        ? allowReferences(value as JsonNode)
        : value
    default:
      return value
  }
}

function dropUndefined(node: JsonNode): JsonNode {
  return Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined))
}

import { readdirSync, readFileSync } from 'node:fs'
import { socialProviderList } from 'better-auth/social-providers'
import t from 'tap'
import { jsonSchema, knownKeys, referencingDefaults } from '../../src/config/schema.ts'
import { socialProviders } from '../../src/config/schema/social.ts'
import { messagesOf, parse, secrets } from './gateway-file.ts'

type Node = Record<string, unknown>

const root = new URL('../../config/', import.meta.url)

t.test('config/gateway.schema.json is current', async (t) => {
  const text = readFileSync(new URL('gateway.schema.json', root), 'utf8')
  const wanted = `${JSON.stringify(jsonSchema(), null, 2)}\n`
  t.equal(text, wanted, 'write it anew: sallyport schema > config/gateway.schema.json')
})

/** Every mapping of the schema, with where it is. */
function* mappings(node: Node, path: string): Generator<{ path: string; properties: Node }> {
  const properties = node['properties'] as Node | undefined
  if (properties !== undefined) yield { path, properties }
  for (const [key, inner] of Object.entries(properties ?? {})) {
    yield* mappings(inner as Node, `${path}.${key}`)
  }
  for (const keyword of ['items', 'additionalProperties', 'anyOf']) {
    const inner = node[keyword]
    for (const each of Array.isArray(inner) ? inner : [inner]) {
      if (typeof each === 'object' && each !== null) yield* mappings(each as Node, path)
    }
  }
}

t.test('every key is described', async (t) => {
  let count = 0
  for (const { path, properties } of mappings(jsonSchema(), '')) {
    for (const [key, value] of Object.entries(properties)) {
      count += 1
      t.match((value as Node)['description'], /\w+/, `${path}.${key}`)
    }
  }
  t.ok(count > 80, 'the walk reached the keys')
})

t.test('words, numbers and switches accept a reference to the environment', async (t) => {
  const text = JSON.stringify(jsonSchema())
  t.notMatch(text, /"type":"boolean"(?![^[\]]*\]?},?\{"type":"string","pattern")/)
  const { properties } = jsonSchema() as { properties: Record<string, Node> }
  const server = properties['server']?.['properties'] as Record<string, Node>
  t.same(server['listen']?.['type'], ['string', 'number'])
  const { pattern } = (server['shutdown']?.['properties'] as Record<string, Node>)['grace'] as {
    pattern: string
  }
  for (const fine of ['15s', '0', '1.5h', '${GRACE}']) t.match(fine, new RegExp(pattern))
  for (const wrong of ['15', '15 s', '1w']) t.notMatch(wrong, new RegExp(pattern))
})

t.test('whole numbers keep their bounds, and examples are of what is written', async (t) => {
  const { properties } = jsonSchema() as { properties: Record<string, Node> }
  const server = properties['server']?.['properties'] as Record<string, Node>
  const limits = server['limits']?.['properties'] as Record<string, Node>
  t.match(limits['connections'], {
    default: 16_384,
    anyOf: [
      { type: 'integer', minimum: 1 },
      { type: 'string', pattern: '\\$\\{' },
    ],
  })
  t.strictSame(server['publicUrl']?.['examples'], ['https://app.example.com'])
})

t.test('the secrets default to variables of the environment', async (t) => {
  const paths = referencingDefaults(false).map(({ path }) => path.join('.'))
  t.same(paths, [
    'server.listen',
    'server.publicUrl',
    'auth.secret',
    'auth.database',
    'bearer.secret',
  ])
})

t.test('known keys are found through lists, unions and records', async (t) => {
  t.ok(knownKeys([]).includes('upstreams'))
  t.ok(knownKeys(['routes', 3, 'match']).includes('methods'))
  t.ok(knownKeys(['routes', 0, 'auth']).includes('forwardAuthorization'))
  t.ok(knownKeys(['upstreams', 'x', 'timeout']).includes('firstByte'))
  t.same(knownKeys(['version']), [])
  t.same(knownKeys(['no', 'such', 'key']), [])
})

t.test('the social providers are those of the installed Better Auth', async (t) => {
  t.same([...socialProviders], socialProviderList.toSorted())
})

t.test('every example is a configuration without errors', async (t) => {
  const env = {
    ...secrets,
    JWT_SECRET_OLD: 'uE8xK3oV6tN1iR9aM4gY7bP2fW5zC0dS',
    PUBLIC_URL: 'https://app.example.com',
  }
  const names = readdirSync(new URL('examples/', root))
  t.ok(names.length >= 3)
  for (const name of names) {
    const text = readFileSync(new URL(`examples/${name}`, root), 'utf8')
    t.match(text, /^# yaml-language-server: \$schema=\.\.\/gateway\.schema\.json\n/)
    const parsed = parse(text, env)
    t.strictSame(messagesOf(parsed, 'error'), [], name)
    t.not(parsed.config, null, name)
  }
})

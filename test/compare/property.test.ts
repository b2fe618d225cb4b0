import fc from 'fast-check'
import t from 'tap'
import { compareConfigs } from '../../src/compare/compare.ts'
import type { Change } from '../../src/compare/change.ts'
import type { GatewayConfig } from '../../src/config/types.ts'
import { isRefusal } from '../../src/errors/refusal.ts'
import { readHead } from '../../src/head.ts'
import { admit, type RoadDeps } from '../../src/pipeline.ts'
import { compileRoutes } from '../../src/routing/compile.ts'
import { knownHosts } from '../../src/routing/host.ts'
import { findLeaf } from '../../src/routing/match.ts'
import { parse, secrets } from '../config/gateway-file.ts'

// The oracle is the road itself: whatever it refused to somebody unknown and lets through now, the comparison must have said.

const never = (): never => {
  throw new Error('nobody is asked')
}

/** The road for a caller who brings nothing. */
function roadOf(config: GatewayConfig): RoadDeps {
  return {
    routes: compileRoutes(config),
    hosts: knownHosts(config, false),
    authn: { readBearer: never, readCookie: () => ({ answer: 'absent' }) },
    hasSessionCookie: () => false,
    origins: new Set(),
    assert: never,
    limitRate: never,
    slide: never,
    now: () => 0,
  }
}

const segment = fc.constantFrom('a', 'b', 'c', '{x}')
const pattern = fc
  .tuple(fc.array(segment, { maxLength: 3 }), fc.constantFrom('', '/*', '/'))
  .map(([segments, end]) => {
    // Each parameter has a name of its own.
    const named = segments.map((each, index) => (each === '{x}' ? `{x${index}}` : each))
    const path = named.map((each) => `/${each}`).join('')
    return path + end === '' ? '/' : path + end
  })
const route = fc.record({
  path: pattern,
  methods: fc.constantFrom(undefined, ['GET'], ['POST'], ['GET', 'POST']),
  host: fc.constantFrom(undefined, undefined, 'one.test', 'two.test'),
  auth: fc.constantFrom('required', 'required', 'required', 'optional', 'none'),
  enforce: fc.constantFrom(true, true, true, true, false),
  allow: fc.constantFrom([], ['%2F']),
})
type Route = typeof route extends fc.Arbitrary<infer T> ? T : never

function toConfig(authPath: string, routes: readonly Route[]): GatewayConfig | null {
  const written = routes.map(({ path, methods, host, allow, ...rest }) => ({
    match: { path, methods, host, allow },
    upstream: 'api',
    ...rest,
  }))
  const file = {
    server: { publicUrl: 'http://app.test' },
    auth: { path: authPath, signUp: 'closed' },
    upstreams: { api: 'http://127.0.0.1:8000' },
    routes: written,
  }
  return parse(JSON.stringify(file), secrets).config
}

/** What somebody made of a file: routes came before the others, or are less strict, and Better Auth may have moved. */
const pairs = fc
  .record({
    authPath: fc.constantFrom('/api/auth', '/api/auth', '/a', '/b/c'),
    authPathBefore: fc.constantFrom('/api/auth', '/api/auth', '/a', '/b/c'),
    routes: fc.array(route, { minLength: 1, maxLength: 4 }),
    more: fc.array(route, { maxLength: 3 }),
    loosened: fc.nat({ max: 3 }),
  })
  .map(({ authPath, authPathBefore, routes, more, loosened }) => ({
    before: toConfig(authPathBefore, routes),
    after: toConfig(authPath, [
      ...more,
      ...routes.map((each, index) =>
        index === loosened ? { ...each, auth: 'none' as const } : each,
      ),
    ]),
  }))

const requests = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS'),
  host: fc.constantFrom('app.test', 'one.test', 'two.test'),
  target: fc
    .array(fc.constantFrom('a', 'b', 'c', 'd', 'a%2Fb'), { maxLength: 4 })
    .chain((segments) =>
      fc.constantFrom(`/${segments.join('/')}`, `/${[...segments, ''].join('/')}`),
    )
    .filter((path) => !path.includes('//')),
})

/** Whether a change says something about this request, by matching what it names with the gateway's own table. */
function concerns(change: Change, method: string, host: string, target: string): boolean {
  const where = /^(?:([A-Z ]+) )?(\/\S*)(?: at (\S+))?$/.exec(change.where)
  if (where === null) return false
  const [, methods, path = '', at = host] = where
  const served = methods?.split(' ') ?? [method]
  const isMethod = served.includes(method) || (method === 'HEAD' && served.includes('GET'))
  const table = compileRoutes({
    server: { publicUrl: 'http://app.test' },
    auth: { path: '/nowhere' },
    routes: [{ match: { paths: [path], methods: null, hosts: null, allow: [] } }],
  } as unknown as GatewayConfig)
  return (
    isMethod && at === host && findLeaf(table, host, decodeURIComponent(target))?.pattern === path
  )
}

t.test(
  'whoever was refused and gets through now is covered by a change that loosens',
  async (t) => {
    let count = 0
    await fc.assert(
      fc.asyncProperty(
        pairs,
        fc.array(requests, { minLength: 30, maxLength: 30 }),
        async ({ before, after }, all) => {
          if (before === null || after === null) return
          const loosening = compareConfigs(before, after).changes.filter(
            ({ kind }) => kind === 'loosens',
          )
          for (const { method, host, target } of all) {
            const head = readHead(method, target, ['host', host])
            const [old, next] = [
              await admit(head, roadOf(before)),
              await admit(head, roadOf(after)),
            ]
            if (!isRefusal(old) || old.code !== 'credential_missing') continue
            if (isRefusal(next) || next.kind !== 'forward') continue
            count += 1
            if (!loosening.some((change) => concerns(change, method, host, target))) {
              throw new Error(
                `${method} ${host}${target}: ${loosening.map(({ id }) => id).join(' | ')}`,
              )
            }
          }
        },
      ),
      { numRuns: 800 },
    )
    t.ok(count > 50, `${count} requests get through`)
  },
)

t.test('a configuration does not differ from itself', async () => {
  fc.assert(
    fc.property(
      pairs,
      ({ after }) => after === null || compareConfigs(after, after).changes.length === 0,
    ),
    { numRuns: 200 },
  )
})

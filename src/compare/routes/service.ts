import type {
  HeaderChanges,
  RateLimitConfig,
  RouteConfig,
  UpstreamService,
} from '../../config/types.ts'
import type { Finding } from '../change.ts'
import { amount, applyRules, finding, flag, plain, rule, trust, type Rule } from '../rules.ts'
import { duration, size } from '../values.ts'

/** What a route does with a request that gets through, and how much of it may come. */
interface Service extends Omit<RouteConfig, 'name' | 'match' | 'auth'> {
  readonly allow: readonly string[]
  /** Keys that are compared elsewhere are left out. */
  readonly match: object
  readonly forwardAuthorization: boolean
}

/** Compares what two routes do with the same request. */
export function judgeService(before: RouteConfig, after: RouteConfig): readonly Finding[] {
  return applyRules(rules, serviceOf(before), serviceOf(after), '')
}

function serviceOf(route: RouteConfig): Service {
  const { name: _, match, auth, ...rest } = route
  const { paths: _paths, methods: _methods, hosts: _hosts, allow, ...more } = match
  const { mode: _mode, accept: _accept, needs: _needs, ...others } = auth
  return { ...rest, allow, match: more, ...others }
}

const rules: readonly Rule<Service>[] = [
  rule(
    'rateLimit',
    ({ rateLimit }) => [rateLimit],
    ([a = null], [b = null]) => judgeLimit(a, b),
  ),
  amount('bodyLimit', 'bodyLimitBytes', ({ bodyLimitBytes }) => bodyLimitBytes, {
    write: size,
    more: 'loosens',
  }),
  trust('match.allow', 'allow', ({ allow }) => allow, 'accepted in the path'),
  flag('auth.forwardAuthorization', 'forwardAuthorization', (from) => from.forwardAuthorization, {
    on: 'the Authorization header of the client reaches FastAPI',
    off: 'the Authorization header of the client does not reach FastAPI',
    turnedOn: 'loosens',
  }),
  rule('serve', ({ serve }) => serve, judgeServe),
  plain('upstream401', 'upstream401', ({ upstream401 }) => upstream401),
  rule(
    'websocket',
    ({ websocket }) => [websocket],
    ([a = null], [b = null]) => judgeWebSocket(a, b),
  ),
  trust('cors.origins', 'cors', ({ cors }) => cors?.origins ?? [], 'allowed to read answers'),
  rule('headers', ({ headers }) => headers, judgeHeaders),
  rule(
    'observe',
    ({ observe }) => [observe],
    ([a = null], [b = null]) => finding('changes', 'enforce', '', observeText(a, b)),
  ),
]

function judgeLimit(
  before: RateLimitConfig | null,
  after: RateLimitConfig | null,
): readonly Finding[] {
  const key = 'rateLimit'
  if (after === null) {
    const was = before === null ? '' : ` (was: ${limitText(before)})`
    return [
      {
        kind: 'loosens',
        key,
        mark: '=none',
        say: (where) => `no limit any more on ${where}${was}`,
      },
    ]
  }
  const text = limitText(after)
  if (before === null) {
    return [
      { kind: 'tightens', key, mark: `=${text}`, say: (where) => `limit of ${where}: ${text}` },
    ]
  }
  return [...judgeCount(before, after), ...judgeCounting(before, after)]
}

function judgeCount(before: RateLimitConfig, after: RateLimitConfig): readonly Finding[] {
  if (before.requests === after.requests && before.perMs === after.perMs) return []
  const isMore =
    after.requests > before.requests ||
    after.requests / after.perMs > before.requests / before.perMs
  const text = limitText(after)
  const say = (where: string): string => `limit of ${where} from ${limitText(before)} to ${text}`
  return [{ kind: isMore ? 'loosens' : 'tightens', key: 'rateLimit', mark: `=${text}`, say }]
}

function judgeCounting(before: RateLimitConfig, after: RateLimitConfig): readonly Finding[] {
  return (['by', 'bucket'] as const)
    .filter((name) => before[name] !== after[name])
    .map((name) => {
      const text = ` is ${after[name]} (was: ${before[name]})`
      return finding('changes', `rateLimit.${name}`, `=${after[name]}`, text)
    })
}

export function limitText({ requests, perMs }: RateLimitConfig): string {
  return `${requests} per ${duration(perMs)}`
}

function judgeServe(before: RouteConfig['serve'], after: RouteConfig['serve']): readonly Finding[] {
  if (before.kind === 'upstream' && after.kind === 'upstream') {
    return applyRules(upstreamRules, before, after, 'serve')
  }
  if (before.kind === 'static' && after.kind === 'static') {
    const what = before.dir === after.dir ? 'fallback' : 'dir'
    return [finding('changes', `static.${what}`, '', ' is another one')]
  }
  const [a, b] = [serveText(before), serveText(after)]
  const say = (where: string): string => `${where} is served by ${b} (was: ${a})`
  return [{ kind: 'changes', key: 'upstream', mark: `=${b}`, say }]
}

function serveText(serve: RouteConfig['serve']): string {
  return serve.kind === 'static' ? 'files' : `upstream ${serve.upstream}`
}

const upstreamRules: readonly Rule<UpstreamService>[] = [
  plain('upstream', 'upstream', ({ upstream }) => upstream),
  plain('rewrite.stripPrefix', 'stripPrefix', ({ stripPrefix }) => stripPrefix),
  amount('timeout.firstByte', 'timeout.firstByteMs', ({ timeout }) => timeout.firstByteMs, {
    write: duration,
  }),
  amount('timeout.idle', 'timeout.idleMs', ({ timeout }) => timeout.idleMs, { write: duration }),
  amount('timeout.stream', 'timeout.streamIdleMs', ({ timeout }) => timeout.streamIdleMs, {
    write: duration,
  }),
]

type WebSocket = RouteConfig['websocket']

function judgeWebSocket(before: WebSocket, after: WebSocket): readonly Finding[] {
  const key = 'websocket'
  if (after === null)
    return [finding('tightens', key, '=false', ': no WebSocket connections any more')]
  if (before === null)
    return [finding('changes', key, '=true', ': WebSocket connections are accepted')]
  return applyRules(webSocketRules, before, after, key)
}

const webSocketRules: readonly Rule<NonNullable<WebSocket>>[] = [
  amount('websocket.maxMessage', 'maxMessageBytes', ({ maxMessageBytes }) => maxMessageBytes, {
    write: size,
    more: 'loosens',
  }),
  amount('websocket.idle', 'idleMs', ({ idleMs }) => idleMs, { write: duration }),
]

/** Headers by which browsers protect what they show. */
const protective =
  /^(?:content-security-policy|strict-transport-security|x-frame-options|x-content-type-options|referrer-policy|permissions-policy|cross-origin-[a-z-]+)$/

/** Values may be secrets, and are never shown. */
function judgeHeaders(before: HeaderChanges, after: HeaderChanges): readonly Finding[] {
  return (['request', 'response'] as const).flatMap((direction) => {
    const [a, b] = [before[direction], after[direction]].map(
      (changes) => new Map(changes.map(({ name, value }) => [name, value])),
    )
    const names = new Set([...(a?.keys() ?? []), ...(b?.keys() ?? [])])
    return [...names]
      .filter((name) => a?.get(name) !== b?.get(name))
      .map((name) => judgeHeader(direction, name, a?.get(name), b?.get(name)))
  })
}

/** undefined: the route says nothing of it; null: it removes the header. */
function judgeHeader(
  direction: 'request' | 'response',
  name: string,
  before: string | null | undefined,
  after: string | null | undefined,
): Finding {
  const isLost = typeof before === 'string' ? typeof after !== 'string' : after === null
  const kind = direction === 'response' && protective.test(name) && isLost ? 'loosens' : 'changes'
  const verb = after === undefined ? 'is left as it is' : after === null ? 'is removed' : 'is set'
  const again = typeof before === 'string' && typeof after === 'string' ? ' to another value' : ''
  const mark = `${typeof after === 'string' ? '+' : '-'}${name}`
  return finding(kind, `headers.${direction}`, mark, `: \`${name}\` ${verb}${again}`)
}

function observeText(before: RouteConfig['observe'], after: RouteConfig['observe']): string {
  if (after === null) return ': what it would refuse is refused'
  return before === null ? ': what it would refuse is only reported' : ' reports in another way'
}

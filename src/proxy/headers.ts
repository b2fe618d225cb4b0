import type { Assertion } from '../assertion/assert.ts'
import { rememberLast } from '../memo.ts'
import type { ApplicationRules } from './headers/application.ts'
import {
  changeAnswer,
  changesAnswers,
  isChangedInRequest,
  setInRequest,
  type RouteHeaders,
} from './headers/changes.ts'
import type { ComparedUsers } from './headers/observed.ts'

/** What the header rules need to know of a configuration; built once. */
export interface HeaderRules {
  /** Names that only we may write towards FastAPI, lower case with `-`: compared after `_` and `.` became `-`. */
  readonly identityNames: ReadonlySet<string>
  /** `x-api-key` is a credential here, and goes no further. Left out: it is a header like any other. */
  readonly dropsApiKey?: boolean
  /** Whether a cookie of this name is Better Auth's, and so never reaches FastAPI nor comes from it. */
  readonly isAuthCookie: (name: string) => boolean
  readonly filterCookies: CookieFilter
  readonly publicProtocol: 'http' | 'https'
  /** Hears of each comparison of users (`enforce.userHeader`). */
  readonly onCompared?: (compared: ComparedUsers) => void
  /** Left out: no upstream is Better Auth's application. */
  readonly application?: ApplicationRules
}

/** Takes Better Auth's cookies out of a `Cookie` value that came over this connection. */
export type CookieFilter = (connection: object, value: string) => string

/** What of a request the headers towards FastAPI depend on, besides the request's own. */
export interface ForwardContext {
  readonly assertion: Assertion
  /** Mode `none` with `forwardAuthorization`: the client's `Authorization` is FastAPI's business. */
  readonly forwardAuthorization: boolean
  readonly host: string
  /** The address that `X-Forwarded-For` says, as the trusted proxies and the socket have it. */
  readonly forwardedFor: string
  readonly requestId: string
  /** Stands for the connection that the request came over. */
  readonly connection: object
  /** What the route changes; left out: nothing. */
  readonly route?: RouteHeaders
}

/** What the headers towards the client depend on, besides FastAPI's own. */
export interface AnswerContext {
  readonly requestId: string
  readonly setCookies: readonly string[]
  /** Flat name-value pairs of ours: CORS, rate limit. */
  readonly answerHeaders?: readonly string[]
  /** What the route changes; left out: nothing. */
  readonly route?: RouteHeaders
}

// RFC 9110 §7.6.1, and what older peers still send. `expect` is answered by us; `host` is set from the checked one.
const dropFromRequest = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
  'host',
  'forwarded',
  'x-real-ip',
  'x-original-url',
  'x-original-uri',
  'x-original-host',
  'x-original-method',
  'x-rewrite-url',
  'x-request-id',
])

const dropFromResponse = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'server',
  'x-request-id',
])

// What a `Connection` list may not take away: framing is ours, and Host was checked (RFC 9112 §9.6 and §3.2).
const connectionMayNotName = new Set(['host', 'content-length', 'content-type'])

/**
 * The headers of the forwarded request, as a flat list with lower-case names: strip first, then inject. The client's
 * identity headers die in every spelling, on every route; what we inject cannot be named away by `Connection`.
 * Everything else passes in its order.
 */
export function toUpstreamHeaders(
  rawHeaders: readonly string[],
  context: ForwardContext,
  rules: HeaderRules,
): string[] {
  const { assertion, route } = context
  const changes = route?.headers.request ?? nothing
  const keepAuthorization = assertion.keepAuthorization || context.forwardAuthorization
  const named = namedByConnection(rawHeaders)
  const headers: string[] = ['host', context.host]
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    const value = rawHeaders[index + 1] ?? ''
    if (dropFromRequest.has(name) || isOurs(name, rules) || named?.has(name) === true) continue
    if (isChangedInRequest(changes, name)) continue
    if (name === 'authorization' && !keepAuthorization) continue
    if (name === 'cookie') {
      const rest = rules.filterCookies(context.connection, value)
      if (rest !== '') headers.push('cookie', rest)
      continue
    }
    headers.push(name, value)
  }
  headers.push(
    'x-forwarded-for',
    context.forwardedFor,
    'x-forwarded-proto',
    rules.publicProtocol,
    'x-forwarded-host',
    context.host,
    'x-request-id',
    context.requestId,
  )
  if (route !== undefined) addForRoute(headers, route, rules)
  for (const item of assertion.headers) headers.push(item)
  return headers
}

const nothing: RouteHeaders['headers']['request'] = []

function addForRoute(headers: string[], route: RouteHeaders, rules: HeaderRules): void {
  const { serve } = route
  if (serve.kind === 'upstream' && serve.stripPrefix !== null) {
    headers.push('x-forwarded-prefix', serve.stripPrefix)
  }
  const { request } = route.headers
  if (request.length === 0) return
  setInRequest(headers, request, (name) => dropFromRequest.has(name) || isOurs(name, rules))
}

/** Names that mean something only when we write them. `X_User_Id` and `X.User.Id` reach Python servers as `X-User-Id`. */
function isOurs(name: string, rules: HeaderRules): boolean {
  if (name.startsWith('x-forwarded-') || name.startsWith('x-sallyport-')) return true
  if (name.includes('_')) return true
  const seen = name.includes('.') ? name.replaceAll('.', '-') : name
  return rules.identityNames.has(seen) || (seen === 'x-api-key' && rules.dropsApiKey === true)
}

/**
 * The headers of FastAPI's answer as the client gets them, flat. Identity headers, `Set-Cookie` of our cookies and our own
 * marker headers come from nobody but us.
 */
export function toClientHeaders(
  upstreamHeaders: readonly string[],
  context: AnswerContext,
  rules: HeaderRules,
): string[] {
  const { route } = context
  const private_ = context.setCookies.length > 0
  let headers = stripAnswer(upstreamHeaders, private_, rules)
  if (route !== undefined && changesAnswers(route)) {
    headers = changeAnswer(headers, route, context.answerHeaders ?? [], (name) =>
      isOursInAnswer(name, private_, rules),
    )
  }
  headers.push('x-request-id', context.requestId)
  if (private_) headers.push('cache-control', 'private, no-store')
  for (const cookie of context.setCookies) headers.push('set-cookie', cookie)
  return headers
}

function stripAnswer(
  upstreamHeaders: readonly string[],
  private_: boolean,
  rules: HeaderRules,
): string[] {
  const named = namedByConnection(upstreamHeaders)
  const headers: string[] = []
  for (let index = 0; index < upstreamHeaders.length; index += 2) {
    const name = (upstreamHeaders[index] ?? '').toLowerCase()
    const value = upstreamHeaders[index + 1] ?? ''
    if (dropFromResponse.has(name) || named?.has(name) === true) continue
    if (isOursInAnswer(name, private_, rules)) continue
    if (name === 'set-cookie' && rules.isAuthCookie(cookieName(value))) continue
    headers.push(name, value)
  }
  return headers
}

/** @param private_ the answer carries a cookie of ours, so that only we say who may keep it */
function isOursInAnswer(name: string, private_: boolean, rules: HeaderRules): boolean {
  if (name.startsWith('x-sallyport-') || rules.identityNames.has(name)) return true
  // RFC 9213: to a CDN its own header counts more than ours.
  return private_ && (name.endsWith('cache-control') || name === 'surrogate-control')
}

/** RFC 9110 §7.6.1: a `Connection` list makes the headers it names hop-by-hop. Null where it names none. */
function namedByConnection(rawHeaders: readonly string[]): Set<string> | null {
  let named: Set<string> | null = null
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== 'connection') continue
    const value = rawHeaders[index + 1]?.toLowerCase() ?? ''
    if (value === 'keep-alive' || value === 'close') continue
    for (const option of value.split(',')) {
      const name = option.trim()
      if (!connectionMayNotName.has(name)) (named ??= new Set()).add(name)
    }
  }
  return named
}

/**
 * Makes the filter of `Cookie` values. Cookies that are not Better Auth's keep their order and bytes (RFC 6265 §5.4).
 * @param isAuthCookie whether a name is Better Auth's
 */
export function createCookieFilter(isAuthCookie: (name: string) => boolean): CookieFilter {
  return rememberLast((value) => {
    const pairs = value.split(';')
    const kept = pairs.filter((pair) => !isAuthCookie(cookieName(pair)))
    return kept.length === pairs.length ? value : kept.join(';').trim()
  })
}

function cookieName(pair: string): string {
  const equals = pair.indexOf('=')
  return (equals === -1 ? pair : pair.slice(0, equals)).trim()
}

/** The names that only the gateway writes: `X-User-Id`, `X-Impersonated-By`, and what `identity.headers` lists. */
export function identityNames(headers: readonly { readonly name: string }[]): ReadonlySet<string> {
  return new Set([
    'x-user-id',
    'x-impersonated-by',
    ...headers.map(({ name }) => name.toLowerCase()),
  ])
}

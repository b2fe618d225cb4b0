import type { HeaderChanges, RouteConfig } from '../../config/types.ts'

/** What of a route the headers in both directions depend on. */
export type RouteHeaders = Pick<RouteConfig, 'headers' | 'cors' | 'rateLimit' | 'serve' | 'observe'>

type Changes = HeaderChanges['request']

// Framing and credentials: the configuration refuses these names, and nothing here relies on that.
const fixedInRequest = new Set(['authorization', 'content-length', 'cookie', 'x-api-key'])
const fixedInResponse = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-request-id',
])

/** Whether a route takes a header of the client away, to leave it out or to say something else. */
export function isChangedInRequest(changes: Changes, name: string): boolean {
  return changes.length > 0 && isListed(changes, name) && !fixedInRequest.has(name)
}

/**
 * Appends what a route sets towards FastAPI.
 * @param isOurs names that are stripped from the client's request too, and that no route may write
 */
export function setInRequest(
  headers: string[],
  changes: Changes,
  isOurs: (name: string) => boolean,
): void {
  for (const { name, value } of changes) {
    if (value !== null && !fixedInRequest.has(name) && !isOurs(name)) headers.push(name, value)
  }
}

/** Whether a route has anything to say about the headers of an answer; most have not, and pay nothing. */
export function changesAnswers({ cors, rateLimit, headers }: RouteHeaders): boolean {
  return cors !== null || rateLimit !== null || headers.response.length > 0
}

/**
 * The headers of an answer as a route wants them, flat, with lower-case names. Where it has `cors` or `rateLimit`, ours replace
 * FastAPI's: two answers to the same question would be none. With `cors`, `Vary` and the list of exposed headers are merged.
 * @param headers of the answer, without what clients never get
 * @param ours flat pairs: CORS and rate limit
 * @param isOurs further names that no route may write
 */
export function changeAnswer(
  headers: readonly string[],
  route: RouteHeaders,
  ours: readonly string[],
  isOurs: (name: string) => boolean,
): string[] {
  const changes = route.headers.response.filter(
    ({ name }) => !fixedInResponse.has(name) && !isOurs(name) && !isReplaced(name, route),
  )
  const merged: Merged | null = route.cors === null ? null : { [vary]: [], [exposed]: [] }
  const changed: string[] = []
  const add = (name: string, value: string): void => {
    if (merged !== null && (name === vary || name === exposed)) merged[name].push(value)
    else changed.push(name, value)
  }
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? ''
    const isGone = name !== exposed && isReplaced(name, route)
    if (!isGone && !isListed(changes, name)) add(name, headers[index + 1] ?? '')
  }
  for (const { name, value } of changes) if (value !== null) add(name, value)
  for (let index = 0; index < ours.length; index += 2) add(ours[index] ?? '', ours[index + 1] ?? '')
  if (merged === null) return changed
  changed.push(vary, mergeLists(merged[vary]))
  // What pages of other origins may read says nothing to an origin that may read nothing.
  if (ours.includes(exposed)) changed.push(exposed, mergeLists(merged[exposed]))
  return changed
}

const vary = 'vary'
const exposed = 'access-control-expose-headers'
type Merged = Readonly<Record<typeof vary | typeof exposed, string[]>>

function isReplaced(name: string, { cors, rateLimit, observe }: RouteHeaders): boolean {
  if (cors !== null && name.startsWith('access-control-')) return true
  // A limit that is only observed says nothing to clients, and takes nothing away from what FastAPI says.
  if (observe !== null) return false
  return rateLimit !== null && (name === 'ratelimit' || name.startsWith('ratelimit-'))
}

function isListed(changes: Changes, name: string): boolean {
  for (const change of changes) if (change.name === name) return true
  return false
}

/** RFC 9110 §5.6.1: every member of the lists once, in the order in which they come. */
function mergeLists(values: readonly string[]): string {
  const members = new Map<string, string>()
  for (const member of values.join(',').split(',')) {
    const name = member.trim()
    if (name !== '' && !members.has(name.toLowerCase())) members.set(name.toLowerCase(), name)
  }
  return [...members.values()].join(', ')
}

import { createHmac } from 'node:crypto'
import { isIP } from 'node:net'
import { jwtSecret } from '../helper/token.ts'
import type { PathEscape } from '../../src/config/types.ts'
import { allMethods } from '../../src/routing/compile.ts'
import type { Oracle } from '../routing/starlette/oracle.ts'
import type { Pattern, Table } from '../routing/starlette/tables.ts'
import type { Arrival } from './ends/upstream.ts'
import type { Account } from './input/accounts.ts'

/** Says which endpoint an arrival reached there; null where nobody can say. */
export type EndpointOf = (arrivals: readonly Arrival[]) => Promise<readonly (Pattern | null)[]>

/** Asks Starlette. A null among the answers is an arrival that no endpoint serves. */
export function endpointsBy(oracle: Oracle, table: Table): EndpointOf {
  return async (arrivals) => {
    const reached = await oracle.ask(
      table,
      arrivals.map(({ method, url }) => [method, url]),
    )
    return reached.map((there) =>
      typeof there === 'number' ? null : (table.find(({ name }) => name === there[0]) ?? null),
    )
  }
}

/** Sentences about what may not have arrived. @param known who proved who they are, in the bytes that were sent */
export async function judgeArrivals(
  arrivals: readonly Arrival[],
  known: readonly Account[],
  endpointOf: EndpointOf,
): Promise<readonly string[]> {
  const endpoints = await endpointOf(arrivals)
  return arrivals.flatMap((arrival, index) => {
    const wrong = [
      ...judgeEndpoint(arrival, endpoints[index] ?? null, known),
      ...judgeHeaders(arrival),
      ...judgeToken(arrival, known),
    ]
    return wrong.map((sentence) => `${sentence}: ${JSON.stringify(arrival)}`)
  })
}

/** Spellings that one server or another reads as a different path. */
const ambiguous =
  /^[^/]|[\\#]|\/\/|\/(?:\.|%2e){1,2}(?:[/;]|$)|%(?:2e|5c|7f|[01][0-9a-f]|c[01]|(?![0-9a-f]{2}))/i

function judgeSpelling({ url }: Arrival, endpoint: Pattern): readonly string[] {
  const path = url.split('?')[0] ?? ''
  const allowed = { '%2F': /%2f/i, '%25': /%25/, ';': /;|%3b/i }
  const isUnusual = Object.entries(allowed).some(
    ([escape, pattern]) => pattern.test(path) && !endpoint.allow.includes(escape as PathEscape),
  )
  return ambiguous.test(path) || isUnusual ? ['a path with more than one reading'] : []
}

function judgeEndpoint(
  arrival: Arrival,
  endpoint: Pattern | null,
  known: readonly Account[],
): readonly string[] {
  const [userId] = valuesOf(arrival, 'x-user-id')
  const isKnown = known.some((account) => account.userId === userId)
  if (endpoint === null) return ['an arrival that no endpoint serves']
  const spelling = judgeSpelling(arrival, endpoint)
  if (spelling.length > 0) return spelling
  if (userId !== undefined && !isKnown) return ['an x-user-id that is not ours']
  if (endpoint.mode === 'required' && userId === undefined) {
    return [`an unauthorised arrival at ${endpoint.name}`]
  }
  return endpoint.mode === 'none' && userId !== undefined ? ['an identity on a public route'] : []
}

const once = ['host', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-request-id']
const never = [
  ...[
    'te',
    'trailer',
    'keep-alive',
    'proxy-authorization',
    'proxy-connection',
    'expect',
    'forwarded',
  ],
  ...['x-real-ip', 'x-original-url', 'x-rewrite-url', 'http2-settings', 'x-forwarded-user'],
  // Nobody acts in the name of another here.
  'x-impersonated-by',
]

function judgeHeaders(arrival: Arrival): readonly string[] {
  const wrong: string[] = []
  const names = arrival.rawHeaders.filter((_value, index) => index % 2 === 0)
  for (const name of names) {
    const lower = name.toLowerCase()
    const asPythonHasIt = lower.replaceAll(/[_.]/g, '-')
    if (lower.includes('_')) wrong.push(`a name with an underscore, ${name}`)
    if (
      /^x-(?:user-id|user-email|impersonated-by)$/.test(asPythonHasIt) &&
      lower !== asPythonHasIt
    ) {
      wrong.push(`an identity header spelled ${name}`)
    }
  }
  for (const name of once) {
    if (valuesOf(arrival, name).length !== 1) wrong.push(`not exactly one ${name}`)
  }
  for (const name of never) if (valuesOf(arrival, name).length > 0) wrong.push(`a ${name}`)
  for (const name of ['x-user-id', 'x-user-email', 'authorization', 'content-length']) {
    if (valuesOf(arrival, name).length > 1) wrong.push(`more than one ${name}`)
  }
  const isFramedTwice = ['content-length', 'transfer-encoding'].every(
    (name) => valuesOf(arrival, name).length > 0,
  )
  if (isFramedTwice) wrong.push('two framings')
  if (isIP(valuesOf(arrival, 'x-forwarded-for')[0] ?? '') === 0) wrong.push('no address')
  if (valuesOf(arrival, 'host')[0]?.toLowerCase() !== 'app.test') wrong.push('another host')
  const cookies = valuesOf(arrival, 'cookie').join(';')
  if (/(?:^|;)\s*(?:__Host-|__Secure-)?better-auth\./.test(cookies)) wrong.push('a session cookie')
  if (arrival.rawTrailers.length > 0) wrong.push('a trailer')
  if (!allMethods.some((method) => method === arrival.method)) wrong.push('an unknown method')
  return wrong
}

/** A token is either the one that its owner sent, or was issued by us for this user. */
function judgeToken(arrival: Arrival, known: readonly Account[]): readonly string[] {
  const [authorization] = valuesOf(arrival, 'authorization')
  const [userId] = valuesOf(arrival, 'x-user-id')
  if (authorization === undefined) return []
  const token = authorization.replace(/^bearer +/i, '')
  if (known.some((account) => account.userId === userId && account.proof === token)) return []
  const [header = '', payload = '', signature = ''] = token.split('.')
  const mac = createHmac('sha256', jwtSecret).update(`${header}.${payload}`).digest('base64url')
  const text = Buffer.from(payload, 'base64url').toString()
  const isOurs = mac === signature && text.includes(`"sub":${JSON.stringify(userId)}`)
  return isOurs ? [] : ['an Authorization that is not ours']
}

function valuesOf({ rawHeaders }: Arrival, name: string): readonly string[] {
  return rawHeaders.filter(
    (_value, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name,
  )
}

const inside = /node:internal|node_modules|\bECONN|UND_ERR_|\bHPE_|\bFST_ERR|\n\s+at \S+ \(|SQLITE/

/** Sentences about what a client may not have been told. */
export function judgeAnswer(text: string): readonly string[] {
  const failed = [...text.matchAll(/HTTP\/1\.1 (5\d\d) /g)].map(([, status]) => status)
  const wrong = failed
    .filter((status) => status !== '501' && status !== '505')
    .map((status) => `an answer of ours with ${status ?? ''}`)
  if (inside.test(text)) wrong.push('an answer that tells of the inside')
  return wrong.map((sentence) => `${sentence}: ${JSON.stringify(text.slice(0, 600))}`)
}

import type { VerifyDialect } from '../../config/types.ts'
import { toAnswer } from '../../errors/answer.ts'
import { entryOf } from '../../errors/catalogue.ts'
import { toChallenge } from '../../errors/problem.ts'
import { isRefusal, refuse, type Refusal } from '../../errors/refusal.ts'
import { readHead, type RequestHead } from '../../head.ts'
import type { Journey } from '../../ops/access/journey.ts'
import { admit, readable, type Forwarded } from '../../pipeline.ts'
import { upstreamHeadersOf } from '../../proxy/headers/admitted.ts'
import type { HeaderRules } from '../../proxy/headers.ts'
import type { Snapshot } from '../../snapshot.ts'
import { readAsked, type Question } from './asked.ts'

/** What a proxy is told: to go on with 200, not to with anything else. */
export interface Verdict {
  readonly status: number
  /** Flat name-value pairs. */
  readonly headers: readonly string[]
  readonly body: string
}

export interface VerdictDeps {
  readonly dialect: VerifyDialect
  readonly requestId: string
  readonly snapshot: Pick<Snapshot, 'road' | 'answers' | 'headers'>
  /** The client has as many requests under way as it may have. */
  readonly isCrowded: boolean
  readonly journey: Journey
}

/**
 * Judges a request that another proxy forwards: it walks the road that every request walks, and what FastAPI would be told about its sender stands in the headers of the answer.
 * Where the road leads to an endpoint of ours a proxy has nothing to forward: `route_not_found`.
 */
export async function judgeQuestion(question: Question, deps: VerdictDeps): Promise<Verdict> {
  const { road, headers: rules } = deps.snapshot
  const head = readAsked(question, deps.dialect)
  if (isRefusal(head)) return toRefused(head, readHead('POST', '/', []), deps)
  deps.journey.came(head)
  const admission = deps.isCrowded
    ? readable(refuse('overloaded'), head, road)
    : await admit(head, road, deps.journey)
  if (isRefusal(admission)) return toRefused(admission, head, deps)
  if (admission.kind === 'local') return toRefused(refuse('route_not_found'), head, deps)
  deps.journey.admitted(admission)
  const told =
    admission.kind === 'forward' ? tell(head, admission, deps.requestId, rules) : nothingLeft
  const always = ['cache-control', 'no-store', 'x-request-id', deps.requestId]
  return { status: 200, headers: [...told, ...admission.answerHeaders, ...always], body: '' }
}

/** FastAPI answers a preflight itself, and nobody is asked for one. */
const nothingLeft = ['authorization', '', 'cookie', '']

/**
 * What the proxy has to put in place of what its client sent, and the cookies that the client must get. Our only writer of identity headers writes these too. An empty
 * `Authorization` or `Cookie`: nothing is left of it.
 */
function tell(
  head: RequestHead,
  admission: Forwarded,
  requestId: string,
  rules: HeaderRules,
): string[] {
  const all = upstreamHeadersOf({ head, requestId, admission }, rules)
  const told: string[] = []
  const credentials = { authorization: [] as string[], cookie: [] as string[] }
  for (let index = 0; index < all.length; index += 2) {
    const [name = '', value = ''] = all.slice(index, index + 2)
    if (name === 'authorization' || name === 'cookie') credentials[name].push(value)
    else if (rules.identityNames.has(name)) told.push(name, value)
  }
  told.push('authorization', credentials.authorization.join(', '))
  told.push('cookie', credentials.cookie.join('; '))
  for (const cookie of admission.setCookies) told.push('set-cookie', cookie)
  return told
}

function toRefused(refusal: Refusal, head: RequestHead, deps: VerdictDeps): Verdict {
  const { answers } = deps.snapshot
  deps.journey.refused(refusal.code)
  const { status, headers, body } = toAnswer(refusal, head, deps.requestId, answers)
  const answer = { status, headers: flat(headers), body }
  return deps.dialect === 'nginx' ? forNginx(answer, refusal, answers.realm) : answer
}

/**
 * nginx knows 401 and 403, takes everything else for a failure of ours, reads no body, and can pass on one cookie. Where a person has to sign in is told in
 * `X-Sallyport-Login`, which the configuration that we ship redirects to.
 */
function forNginx({ status, headers }: Verdict, refusal: Refusal, realm: string): Verdict {
  if (status >= 500) return { status, headers, body: '' }
  const kept: string[] = []
  let cookies = 0
  for (let index = 0; index < headers.length; index += 2) {
    const [name = '', value = ''] = headers.slice(index, index + 2)
    if (name === 'content-type' || name === 'www-authenticate') continue
    if (name === 'set-cookie' && (cookies += 1) > 1) continue
    kept.push(name === 'location' ? 'x-sallyport-login' : name, value)
  }
  const challenge = toChallenge(refusal, realm)
  if (challenge !== null) kept.push('www-authenticate', challenge)
  return { status: entryOf(refusal.code).status === 401 ? 401 : 403, headers: kept, body: '' }
}

function flat(headers: Readonly<Record<string, string | string[]>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().flatMap((each) => [name, each]),
  )
}

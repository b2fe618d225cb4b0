import type { RequestHead } from '../head.ts'
import type { Brand } from '../pages/brand.ts'
import { problemPageCsp, renderProblemPage } from '../pages/problem.ts'
import { safeReturnTo } from '../pages/return-to.ts'
import { isNavigation } from './navigation.ts'
import { toProblem, toProblemHeaders, type Problem } from './problem.ts'
import type { Refusal } from './refusal.ts'

/** What of a configuration the answers depend on. */
export interface AnswerRules {
  /** The name in the challenge: the host of `publicUrl`. */
  readonly realm: string
  readonly publicUrl: string
  readonly loginPage: string
  /** Path prefixes that nobody should come back to after signing in. */
  readonly notReturnedTo: readonly string[]
  /** `Set-Cookie` values that make a browser drop our session cookies. */
  readonly clearCookies: readonly string[]
  /** What the page of a refusal is dressed with. */
  readonly brand: Brand
}

/** An HTTP answer as a value. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: string
}

/**
 * Words a refusal for whoever asked: the problem body (RFC 9457) for programs; for a person, a redirect to the login page
 * where signing in helps, else the same problem as a page. Pure.
 */
export function toAnswer(
  refusal: Refusal,
  head: RequestHead,
  requestId: string,
  rules: AnswerRules,
): Answer {
  const navigation = isNavigation(head)
  const login = loginLink(refusal, head, navigation, rules)
  const problem = toProblem(refusal, { requestId, login })
  const headers: Record<string, string | string[]> = {
    ...toProblemHeaders(refusal, { requestId, realm: rules.realm }),
    ...(refusal.clearCookies === true ? { 'set-cookie': [...rules.clearCookies] } : {}),
  }
  if (!navigation) {
    headers['content-type'] = 'application/problem+json'
    return {
      status: problem.status,
      headers,
      body: head.method === 'HEAD' ? '' : JSON.stringify(problem),
    }
  }
  const { action } = problem
  return action === 'login' || action === 'refresh'
    ? redirect(login, headers)
    : page(problem, headers, rules.brand)
}

/** The problem of a refusal that comes in the middle of an answer, for the last event of an event stream. Pure. */
export function toStreamProblem(
  refusal: Refusal,
  head: RequestHead,
  requestId: string,
  rules: AnswerRules,
): Problem {
  return toProblem(refusal, { requestId, login: loginLink(refusal, head, false, rules) })
}

function redirect(login: string, headers: Answer['headers']): Answer {
  // A challenge belongs to a 401 (RFC 9110 §11.6.1), which this no longer is.
  const { 'www-authenticate': _challenge, ...rest } = headers
  return { status: 302, headers: { ...rest, location: login }, body: '' }
}

function page(problem: Problem, headers: Answer['headers'], brand: Brand): Answer {
  return {
    status: problem.status,
    headers: {
      ...headers,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': problemPageCsp(brand),
    },
    body: renderProblemPage(problem, brand),
  }
}

/**
 * The login page with the place to come back to: the page itself for a navigation, the page it came from for the rest. With `reauth=1`
 * where whoever is signed in has to sign in again.
 */
function loginLink(
  refusal: Refusal,
  head: RequestHead,
  navigation: boolean,
  rules: AnswerRules,
): string {
  const parameters = refusal.code === 'session_not_fresh' ? ['reauth=1'] : []
  const wanted = navigation && head.method === 'GET' ? head.target : refererPath(head, rules)
  if (wanted !== null) {
    const returnTo = safeReturnTo(wanted, rules.notReturnedTo)
    parameters.push(`return_to=${encodeURIComponent(returnTo)}`)
  }
  return withParameters(rules.loginPage, parameters)
}

/** The address of a login page with query parameters, which are encoded already. */
export function withParameters(loginPage: string, parameters: readonly string[]): string {
  if (parameters.length === 0) return loginPage
  const separator = loginPage.includes('?') ? '&' : '?'
  return `${loginPage}${separator}${parameters.join('&')}`
}

function refererPath(head: RequestHead, rules: AnswerRules): string | null {
  if (head.referer === null || !URL.canParse(head.referer)) return null
  const url = new URL(head.referer)
  return url.origin === rules.publicUrl ? url.pathname + url.search : null
}

import { readCookieValues, readSignedToken } from '../../authn/cookie.ts'
import type { Principal } from '../../authn/principal.ts'
import { isByCookie } from '../../authz/identify.ts'
import type { RouteConfig } from '../../config/types.ts'
import { isWebSocket, type RequestHead } from '../../head.ts'
import { rememberLast } from '../../memo.ts'
import type { CookieFilter, HeaderRules } from '../headers.ts'

/** What the headers of an upstream that is Better Auth's own application depend on (ADR 0022). Built once. */
export interface ApplicationRules {
  /** Names of these upstreams. */
  readonly upstreams: ReadonlySet<string>
  /** Of the session cookie. */
  readonly cookieName: string
  /** Of a `Cookie` value whose session has been verified: leaves that session's cookies, and takes out what else is Better Auth's. */
  readonly filterCookies: CookieFilter
  /** Hears of each answer that says something of the session in the browser. */
  readonly onSession?: (told: ToldSession) => void
}

/** What an answer of the application does to the session of the browser that asked. */
export interface ToldSession {
  /** `ended`: its cookie is taken away; `extended`: it is set again; `begun`: that of another session takes its place. */
  readonly what: 'ended' | 'extended' | 'begun'
  /** Whose cookie came with the request and was passed on; null: none was. */
  readonly sent: {
    readonly sessionId: string
    readonly userId: string
    readonly impersonatedBy: string | null
    /** The session token in the cookie. */
    readonly token: string
  } | null
  readonly requestId: string
  /** The client's. */
  readonly address: string
  readonly userAgent: string | null
}

/** The part of an admitted request that decides about the cookies of the application. */
export interface ApplicationRequest {
  readonly head: RequestHead
  readonly requestId: string
  readonly admission: {
    readonly route: Pick<RouteConfig, 'serve'>
    readonly principal: Principal | null
  }
}

/**
 * The rules towards an upstream. The session cookie travels to Better Auth's application alone, and only where it is what the request was
 * decided by: so nobody is two people, and no cookie arrives that was refused, or that nobody has looked at.
 */
export function towardsApplication(
  { route, principal }: ApplicationRequest['admission'],
  rules: HeaderRules,
): HeaderRules {
  const application = applicationOf(route, rules)
  if (application === null || principal === null || !isByCookie(principal)) return rules
  return { ...rules, filterCookies: application.filterCookies }
}

function applicationOf(
  { serve }: ApplicationRequest['admission']['route'],
  { application }: HeaderRules,
): ApplicationRules | null {
  if (application === undefined || serve.kind !== 'upstream') return null
  return application.upstreams.has(serve.upstream) ? application : null
}

/**
 * Makes the filter for a verified session. What is left of Better Auth's cookies is the session's under its one name, and that its owner did not want to be
 * remembered: without that, whoever sees the first would extend it. Everything else keeps its order and bytes.
 */
export function createApplicationFilter(
  isAuthCookie: (name: string) => boolean,
  names: { readonly token: string; readonly dontRemember: string },
): CookieFilter {
  return rememberLast((value) => {
    const kept = value.split(';').flatMap((pair) => {
      const equals = pair.indexOf('=')
      const name = (equals === -1 ? pair : pair.slice(0, equals)).trim()
      if (!isAuthCookie(name)) return [pair]
      const isKept = equals !== -1 && (name === names.token || name === names.dontRemember)
      // Written anew: whoever reads it is to see the name and the value that were verified, whatever blanks stood around them.
      return isKept ? [` ${name}=${pair.slice(equals + 1).trim()}`] : []
    })
    return kept.join(';').trim()
  })
}

/**
 * The cookies that the browser gets beside those that upstreams set of their own: ours, and from Better Auth's application its own. Where both speak of the
 * session, the application has the last word: it may have ended what we have just extended. The answer to a handshake sets none.
 * @param setCookies ours
 */
export function cookiesFor(
  upstreamHeaders: readonly string[],
  setCookies: readonly string[],
  { head, admission }: ApplicationRequest,
  rules: HeaderRules,
): readonly string[] {
  const application = applicationOf(admission.route, rules)
  if (application === null || isWebSocket(head)) return setCookies
  const theirs = setBy(upstreamHeaders).filter((cookie) => rules.isAuthCookie(nameOf(cookie)))
  if (theirs.length === 0) return setCookies
  const speaks = theirs.some((cookie) => nameOf(cookie) === application.cookieName)
  return speaks ? theirs : [...setCookies, ...theirs]
}

/** Tells what an answer of Better Auth's application says of the session. To be asked once for each answer, before anything of it is sent. */
export function hearApplication(
  upstreamHeaders: readonly string[],
  { head, requestId, admission }: ApplicationRequest,
  rules: HeaderRules,
): void {
  const application = applicationOf(admission.route, rules)
  if (application?.onSession === undefined || isWebSocket(head)) return
  const { cookieName } = application
  const last = setBy(upstreamHeaders).findLast((cookie) => nameOf(cookie) === cookieName)
  if (last === undefined) return
  const sent = sentBy(admission.principal, head, cookieName)
  application.onSession({
    what: isRemoval(last) ? 'ended' : tokenIn(valueOf(last)) === sent?.token ? 'extended' : 'begun',
    sent,
    requestId,
    address: head.address,
    userAgent: userAgentOf(head),
  })
}

function sentBy(
  principal: Principal | null,
  head: RequestHead,
  cookieName: string,
): ToldSession['sent'] {
  if (principal === null || !isByCookie(principal)) return null
  const { id: sessionId, user, impersonatedBy } = principal.session
  const [cookie = ''] = readCookieValues(head.cookie ?? '', cookieName)
  return { sessionId, userId: user.id, impersonatedBy, token: tokenIn(cookie) }
}

/** Whoever sent or set it has been believed: the signature is of no interest here. */
function tokenIn(cookie: string): string {
  return readSignedToken(cookie, () => true) ?? ''
}

function setBy(headers: readonly string[]): string[] {
  return headers.filter(
    (_, index) => index % 2 === 1 && headers[index - 1]?.toLowerCase() === 'set-cookie',
  )
}

function nameOf(setCookie: string): string {
  const [pair = ''] = setCookie.split(';')
  const equals = pair.indexOf('=')
  return (equals === -1 ? pair : pair.slice(0, equals)).trim()
}

function valueOf(setCookie: string): string {
  const [pair = ''] = setCookie.split(';')
  return pair.slice(pair.indexOf('=') + 1).trim()
}

/** RFC 6265 §5.2.2, §5.3. One that is taken away by `Expires` alone counts as another: then Better Auth is asked. */
function isRemoval(setCookie: string): boolean {
  return valueOf(setCookie) === '' || /;\s*max-age\s*=\s*(?:0+|-\d+)\s*(?:;|$)/i.test(setCookie)
}

function userAgentOf({ rawHeaders }: RequestHead): string | null {
  const index = rawHeaders.findIndex(
    (name, at) => at % 2 === 0 && name.toLowerCase() === 'user-agent',
  )
  return index === -1 ? null : (rawHeaders[index + 1] ?? null)
}

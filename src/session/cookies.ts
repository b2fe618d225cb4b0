import type { AuthConfig, ServerConfig } from '../config/types.ts'

/** The names of Better Auth's cookies that the gateway reads. */
export interface SessionCookieNames {
  readonly token: string
  /** Present where "remember me" was declined: such a session never slides. */
  readonly dontRemember: string
}

/** What of a configuration the names depend on. */
export interface CookieConfig {
  readonly auth: Pick<AuthConfig, 'remote'>
  readonly server: Pick<ServerConfig, 'publicUrl'>
}

const tokenSuffix = '.session_token'

/**
 * The prefix of every Better Auth cookie where it is ours. On https it is `__Host-`, which no sibling domain can plant (RFC 6265bis
 * §4.1.3.2); browsers refuse that prefix on http.
 */
export function cookiePrefix(publicUrl: string): string {
  return publicUrl.startsWith('https:') ? '__Host-better-auth' : 'better-auth'
}

/** The same where it runs elsewhere: what `auth.cookie` says, else Better Auth's own default for that origin. */
function prefixOf({ auth: { remote }, server: { publicUrl } }: CookieConfig): string {
  if (remote === null) return cookiePrefix(publicUrl)
  const { cookie } = remote
  if (cookie?.endsWith(tokenSuffix) === true) return cookie.slice(0, -tokenSuffix.length)
  return publicUrl.startsWith('https:') ? '__Secure-better-auth' : 'better-auth'
}

/** The one name per cookie that is read; other variants are nobody's. */
export function sessionCookieNames(config: CookieConfig): SessionCookieNames {
  const prefix = prefixOf(config)
  return {
    token: config.auth.remote?.cookie ?? `${prefix}${tokenSuffix}`,
    dontRemember: `${prefix}.dont_remember`,
  }
}

/** Whether a cookie is Better Auth's by its usual name, under any prefix of browsers. */
export function isAuthCookieName(name: string): boolean {
  return /^(?:__Host-|__Secure-)?better-auth\./.test(name)
}

/** Makes the test for cookies that are Better Auth's: such cookies never reach FastAPI, and never come from it. */
export function authCookieTest(config: CookieConfig): (name: string) => boolean {
  const { token } = sessionCookieNames(config)
  const family = `${plain(prefixOf(config))}.`
  return (name) => isAuthCookieName(name) || name === token || plain(name).startsWith(family)
}

function plain(name: string): string {
  return name.replace(/^(?:__Host-|__Secure-)/, '')
}

/** `Set-Cookie` values that make a browser drop the session: attributes as they were set, or it would not match. */
export function clearingCookies(config: CookieConfig): readonly string[] {
  const { token, dontRemember } = sessionCookieNames(config)
  const isHttps = config.server.publicUrl.startsWith('https:')
  return [token, `${prefixOf(config)}.session_data`, dontRemember].map((name) => {
    // RFC 6265bis §4.1.3: a cookie with such a prefix is dropped by nothing but another secure one.
    const secure = isHttps || /^__(?:Host|Secure)-/.test(name) ? '; Secure' : ''
    return `${name}=; Max-Age=0; Path=/; HttpOnly${secure}; SameSite=Lax`
  })
}

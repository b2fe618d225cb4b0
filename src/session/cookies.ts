/** The names of Better Auth's cookies that the gateway reads. */
export interface SessionCookieNames {
  readonly token: string
  /** Present where "remember me" was declined: such a session never slides. */
  readonly dontRemember: string
}

/**
 * The prefix of every Better Auth cookie. On https it is `__Host-`, which no sibling domain can plant (RFC 6265bis
 * §4.1.3.2); browsers refuse that prefix on http.
 */
export function cookiePrefix(publicUrl: string): string {
  return publicUrl.startsWith('https:') ? '__Host-better-auth' : 'better-auth'
}

/** The one name per cookie that is read; other variants are nobody's. */
export function sessionCookieNames(publicUrl: string): SessionCookieNames {
  const prefix = cookiePrefix(publicUrl)
  return { token: `${prefix}.session_token`, dontRemember: `${prefix}.dont_remember` }
}

/** Whether a cookie is Better Auth's under any prefix: such cookies never reach FastAPI, and never come from it. */
export function isAuthCookieName(name: string): boolean {
  return /^(?:__Host-|__Secure-)?better-auth\./.test(name)
}

/** `Set-Cookie` values that make a browser drop the session: attributes as they were set, or it would not match. */
export function clearingCookies(publicUrl: string): readonly string[] {
  const secure = publicUrl.startsWith('https:') ? '; Secure' : ''
  const prefix = cookiePrefix(publicUrl)
  return ['session_token', 'session_data', 'dont_remember'].map(
    (name) => `${prefix}.${name}=; Max-Age=0; Path=/; HttpOnly${secure}; SameSite=Lax`,
  )
}

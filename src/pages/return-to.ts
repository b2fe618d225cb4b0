const maxLength = 2048
const gatewayPrefix = '/_gateway'

/**
 * Where a browser goes after signing in: `value` itself when it is a path of this origin, otherwise `/`. Shared by the
 * server (redirects to the login page) and the login page, so that an open redirect would need two mistakes.
 *
 * Refused are absolute and network-path references (RFC 3986 §4.2), backslashes, control characters, lone surrogates,
 * more than 2048 UTF-16 units, and everything under `/_gateway` or one of `excluded`, which would loop or show JSON.
 * Not checked: that a route serves the path, or that the path is canonical.
 *
 * @param value the decoded query parameter, or a path with query and fragment
 * @param excluded path prefixes that no person should land on: the path of Better Auth, a login page of one's own
 */
export function safeReturnTo(
  value: string | undefined | null,
  excluded: readonly string[] = ['/api/auth'],
): string {
  if (typeof value !== 'string' || value.length > maxLength || !isPathReference(value)) return '/'
  const pathname = resolvedPathname(value)
  if (pathname === null) return '/'
  const prefixes = [gatewayPrefix, ...excluded]
  return prefixes.some((prefix) => isWithin(pathname, prefix)) ? '/' : value
}

function isPathReference(value: string): boolean {
  // URL parsers drop tabs and newlines and read `\` as `/`, so `/\t/evil` and `/\evil` name another host.
  if (/[\p{Cc}\\]/u.test(value) || !value.isWellFormed()) return false
  return value.startsWith('/') && !value.startsWith('//')
}

/** The path as a browser will request it, decoded once; null when it is not one of this origin. */
function resolvedPathname(value: string): string | null {
  const base = 'http://a.invalid'
  if (!URL.canParse(value, base)) return null
  const url = new URL(value, base)
  // `/.//evil` resolves to the path `//evil`, which is another host for whoever joins it to something later.
  if (url.origin !== base || url.pathname.startsWith('//')) return null
  try {
    return decodeURIComponent(url.pathname)
  } catch {
    return null
  }
}

function isWithin(pathname: string, prefix: string): boolean {
  return pathname === prefix || pathname.startsWith(`${prefix}/`)
}

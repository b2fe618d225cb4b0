const longest = 1024
const redacted = '[redacted]'

/**
 * What of a request's target may be written down: its path, without query and fragment, at most 1,024 characters. Below `authPath` whatever does not look like one
 * of the words that Better Auth's paths are made of is replaced, because it may be a secret: `/reset-password/TOKEN`. A target that is no path, as `CONNECT` and
 * proxies have it, may hold a password and is not written down.
 */
export function toLoggedPath(target: string, authPath: string): string {
  if (!target.startsWith('/')) return ''
  const end = target.search(/[?#%]/)
  const path = end === -1 ? target : target.slice(0, endOf(target, end))
  const bounded = path.length > longest ? path.slice(0, longest) : path
  return isBelow(bounded, authPath) ? redact(bounded, authPath) : bounded
}

/** Whoever escapes a question mark meant it to begin a query. */
function endOf(target: string, from: number): number {
  const end = target.slice(from).search(/[?#]|%(?:25)*(?:3f|23)/i)
  return end === -1 ? target.length : from + end
}

function isBelow(path: string, authPath: string): boolean {
  return (
    path.length > authPath.length && path.toLowerCase().startsWith(`${authPath}/`.toLowerCase())
  )
}

/** Segments that a token follows. */
const beforeToken = new Set(['reset-password', 'verify-email', 'accept-invitation'])
/** `sign-in`, `two-factor`, `oauth2`: lower case, words with hyphens between them; a random token is none. */
const word = /^\.?[a-z]{1,16}[0-9]?(?:-[a-z]{1,16}[0-9]?){0,4}$/

function redact(path: string, authPath: string): string {
  let isSecret = false
  const kept = path
    .slice(authPath.length + 1)
    .split('/')
    .map((segment) => {
      if (segment === '') return segment
      if (isSecret || !word.test(segment)) return redacted
      // Whatever follows belongs to the token, which may hold a slash.
      isSecret = beforeToken.has(segment)
      return segment
    })
  return `${path.slice(0, authPath.length)}/${kept.join('/')}`
}

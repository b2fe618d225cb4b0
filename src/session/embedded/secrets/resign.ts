import { createHs256 } from '../../../crypto/hs256.ts'

const signatureLength = 44

/**
 * Makes what signs Better Auth's cookies anew before Better Auth sees them: it knows only its current secret, and would take a
 * cookie that an older one signed for forged. A cookie whose signature none of the older secrets explains is left as it is.
 *
 * @param secrets Better Auth's: the first is the one it signs with
 * @param isAuthCookie whether a name is Better Auth's
 * @returns the value of a `Cookie` header for the value that came
 */
export function createResigner(
  secrets: readonly string[],
  isAuthCookie: (name: string) => boolean,
): (cookieHeader: string) => string {
  const [current, ...older] = secrets.map(createHs256)
  if (current === undefined || older.length === 0) return (cookieHeader) => cookieHeader
  const resign = (value: string): string => {
    const decoded = decode(value)
    const dot = decoded.lastIndexOf('.')
    const signed = decoded.slice(0, Math.max(dot, 0))
    const signature = decoded.slice(dot + 1)
    if (signed === '' || signature.length !== signatureLength) return value
    if (!older.some((key) => key.verifyBase64(signed, signature))) return value
    return encodeURIComponent(`${signed}.${current.signBase64(signed)}`)
  }
  return (cookieHeader) =>
    cookieHeader
      .split(';')
      .map((pair) => {
        const equals = pair.indexOf('=')
        const isTheirs = equals !== -1 && isAuthCookie(pair.slice(0, equals).trim())
        if (!isTheirs) return pair
        return `${pair.slice(0, equals + 1)}${resign(pair.slice(equals + 1).trim())}`
      })
      .join(';')
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return ''
  }
}

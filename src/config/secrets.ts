const advice = 'run `sallyport init` to make one'
const minimumBytes = 32

// Secrets printed in tutorials that would pass the other checks; all of them are public knowledge.
const published = [
  'better-auth-secret-12345678901234567890',
  '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
]

const placeholderWords =
  /better-?auth|fast-?api|change|this|replace|your|super|jwt|secret|password|private|token|key|placeholder|insecure|example|default|django|production|please|must|256|512|bits?|long|string|random|characters?|least|minimum|dummy|local|test|very|development|dev|only|for|not|use|qwerty(?:uiop)?|asdf(?:ghjkl)?|zxcv(?:bnm)?|correct|horse|battery|staple/gi

/**
 * Says why a text is not fit to be an HMAC secret, or null. Refuses what is shorter than 32 bytes (RFC 7518 §3.2),
 * published, made of placeholder words, or visibly not random. The secret is never part of the answer.
 * What is not checked: whether the text really came from a random source.
 */
export function judgeSecret(secret: string): string | null {
  if (secret === '') return `the secret is empty: ${advice}`
  if (secret.trim() !== secret) return 'the secret starts or ends with white space'
  const bytes = new TextEncoder().encode(secret).length
  if (isPublished(secret)) return `the secret is a well-known one: ${advice}`
  if (bytes < minimumBytes) {
    return `the secret has ${String(bytes)} bytes and needs at least ${String(minimumBytes)}: ${advice}`
  }
  return isGuessable(secret) ? `the secret is easy to guess: ${advice}` : null
}

function isPublished(secret: string): boolean {
  if (published.includes(secret.toLowerCase())) return true
  const words = secret.match(placeholderWords)?.join('').length ?? 0
  const rest = secret.replaceAll(placeholderWords, '').replaceAll(/[^A-Za-z0-9]/g, '')
  // A prefix such as "prod-jwt-secret-" before real randomness is fine.
  return words > 0 && rest.length < 20 && words >= rest.length / 2
}

function isGuessable(secret: string): boolean {
  return new Set(secret).size < 8 || isRepeated(secret) || isSequence(secret)
}

/** A text that is one short piece over and over. */
function isRepeated(secret: string): boolean {
  for (let period = 1; period <= secret.length / 2; period += 1) {
    if (secret.startsWith(secret.slice(period))) return true
  }
  return false
}

/** Runs such as `abcdef…`, `987654…` or `aaaa…`. */
function isSequence(secret: string): boolean {
  let regular = 0
  for (let index = 2; index < secret.length; index += 1) {
    const step = secret.charCodeAt(index) - secret.charCodeAt(index - 1)
    const before = secret.charCodeAt(index - 1) - secret.charCodeAt(index - 2)
    if (Math.abs(step) <= 1 && step === before) regular += 1
  }
  return regular > secret.length / 2
}

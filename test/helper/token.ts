import { createHmac } from 'node:crypto'

export const authSecret = 'q7Vn2wL9xRk4Tz8mBc3Fd6Hj1Yp5Ns0G-auth'
export const jwtSecret = 'm4Xc8bZr2Kq9Wt7Lf3Vn6Jh1Pd5Gs0Y-bearer'

/** Signs anything as a compact JWS, including what no honest signer would. */
export function mint(
  claims: unknown,
  options: {
    readonly secret?: string
    readonly header?: unknown
    readonly rawClaims?: string
  } = {},
): string {
  const { secret = jwtSecret, header = { alg: 'HS256', typ: 'JWT' } } = options
  const encode = (text: string): string => Buffer.from(text, 'utf8').toString('base64url')
  const input = `${encode(JSON.stringify(header))}.${encode(options.rawClaims ?? JSON.stringify(claims))}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** A claims set that is good for a minute. */
export function goodClaims(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { sub: 'user-1', exp: Math.floor(Date.now() / 1000) + 60, ...more }
}

/** The value of a Better Auth session cookie, as its own code signs it. */
export function signCookie(token: string, secret = authSecret): string {
  const signature = createHmac('sha256', secret).update(token).digest('base64')
  return encodeURIComponent(`${token}.${signature}`)
}

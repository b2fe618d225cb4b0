import { createHmac } from 'node:crypto'
import { readSignedToken } from '../../authn/cookie.ts'
import { createHs256 } from '../../crypto/hs256.ts'

/** Turns the value of a session cookie into what the remote Better Auth is shown. */
export interface Presenter {
  /** The token inside a cookie value; null for what has not that form or, where the secret is known, has a wrong signature. */
  readonly tokenIn: (cookie: string) => string | null
  /**
   * The cookie value that proves this token, or null where there is none to be had. Signed anew where the secret is known: it may have been signed with one
   * that is on its way out. Not checked: that whoever brought the token could prove it.
   */
  readonly present: (token: string, cookie: string | null) => string | null
}

/** @param secrets Better Auth's: the first is the one it signs with; empty where it keeps it to itself */
export function createPresenter(secrets: readonly string[]): Presenter {
  const keys = secrets.map(createHs256)
  const [current] = secrets
  return {
    tokenIn: (cookie) =>
      readSignedToken(
        cookie,
        (token, signature) =>
          current === undefined || keys.some((key) => key.verifyBase64(token, signature)),
      ),
    present: (token, cookie) => {
      if (current === undefined) return cookie
      const signature = createHmac('sha256', current).update(token).digest('base64')
      return encodeURIComponent(`${token}.${signature}`)
    },
  }
}

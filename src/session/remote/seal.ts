import { readCookieValues } from '../../authn/cookie.ts'
import type { GatewayConfig } from '../../config/types.ts'
import { createSeal } from '../../crypto/seal.ts'
import { sessionCookieNames } from '../cookies.ts'

/** Carries the proof of a session inside the access tokens that are issued from it. */
export interface SessionSeal {
  /** Seals the session cookie of a `Cookie` header; null where it holds none. */
  readonly seal: (cookieHeader: string | null, sessionId: string) => string | null
  /** The value of the session cookie, or null. */
  readonly unseal: (sealed: string, sessionId: string) => string | null
}

const purpose = 'sallyport: session cookie inside an access token'

/**
 * The seal of a gateway whose Better Auth runs elsewhere, or null. A token of ours must die with its session, on every node and after a
 * restart, and a remote Better Auth knows a session by its cookie alone: so the token brings the cookie along, readable by gateways only (docs/adr).
 *
 * The key comes from a secret that FastAPI does not know, where there is one.
 */
export function createSessionSeal(config: GatewayConfig): SessionSeal | null {
  const { auth, bearer } = config
  if (auth.remote === null) return null
  const { pushSecret } = auth.remote
  const known = auth.secrets.length > 0 ? auth.secrets : pushSecret === null ? [] : [pushSecret]
  const { seal, unseal } = createSeal(known.length > 0 ? known : bearer.secrets, purpose)
  const { token } = sessionCookieNames(config)
  return {
    seal: (cookieHeader, sessionId) => {
      const [value] = readCookieValues(cookieHeader ?? '', token)
      return value === undefined ? null : seal(value, sessionId)
    },
    unseal,
  }
}

import type { Session } from '../authn/principal.ts'

/** What a page may know of its session. Never the session's token or id. */
export type SessionView =
  | { readonly authenticated: false }
  | {
      readonly authenticated: true
      readonly user: {
        readonly id: string
        readonly email: string
        readonly name: string
        readonly image: string | null
        readonly role: string | null
      }
      /** RFC 3339. */
      readonly expiresAt: string
    }

/** The body of `GET /_gateway/session`. */
export function toSessionView(session: Session | null): SessionView {
  if (session === null) return { authenticated: false }
  const { id, email, name, image, role } = session.user
  return {
    authenticated: true,
    user: { id, email, name, image, role },
    expiresAt: new Date(session.expiresAtMs).toISOString(),
  }
}

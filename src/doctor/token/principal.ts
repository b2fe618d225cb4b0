import { addedFields } from '../../assertion/sources.ts'
import type { SessionPrincipal } from '../../authn/principal.ts'
import type { IdentityConfig } from '../../config/types.ts'

/** An id that no user has: those of Better Auth are UUIDs or have 32 characters. */
export const nobody = 'sallyport-doctor'
/** The same for applications whose ids are UUIDs (RFC 9562 §5.10: the version is nobody's). */
export const nobodysUuid = 'ffffffff-ffff-ffff-ffff-fffffffffffe'

/** Somebody with a session that there is not, to be named to FastAPI. Everything by which it may know users is `userId`, but the e-mail address. */
export function madeUpPrincipal(
  userId: string,
  identity: IdentityConfig,
  nowMs: number,
): SessionPrincipal {
  const fields = Object.fromEntries(addedFields(identity).map((name) => [name, userId]))
  return {
    kind: 'session',
    via: 'cookie',
    userId,
    session: {
      id: nobody,
      createdAtMs: nowMs,
      expiresAtMs: nowMs + 3_600_000,
      refreshAtMs: Infinity,
      user: {
        id: userId,
        email: `${nobody}@sallyport.invalid`,
        emailVerified: true,
        name: 'Sallyport doctor',
        image: null,
        role: null,
        banned: false,
        externalId: userId,
        fields,
      },
      impersonatedBy: null,
      organization: null,
    },
  }
}

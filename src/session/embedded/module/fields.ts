import type { BetterAuthOptions } from 'better-auth'
import { getAuthTables } from 'better-auth/db'
import { addedField, addedFields } from '../../../assertion/sources.ts'
import type { IdentityConfig } from '../../../config/types.ts'
import { StartupError } from '../../../errors/startup.ts'

/**
 * Refuses a module and an identity that do not go together: FastAPI is told of a field which users do not have, or knows
 * them by one that they could choose or share. Throws a `StartupError`.
 * @param user what `auth.module` exports: its plugins and `additionalFields` are all that can add a field
 */
export function refuseUnusableFields(user: BetterAuthOptions, identity: IdentityConfig): void {
  refuseOpenExternalId(user)
  const fields = getAuthTables(user)['user']?.fields ?? {}
  const missing = addedFields(identity).find((name) => !Object.hasOwn(fields, name))
  if (missing !== undefined) {
    const there = Object.keys(fields).join(', ')
    throw new StartupError(
      `identity: auth.module gives users no field ${JSON.stringify(missing)}, only ${there}`,
    )
  }
  const subject = addedField(identity.token?.subject ?? 'user.id')
  if (subject === null) return
  // The username plugin's own is set by users, and no two have the same.
  const field = fields[subject]
  const isOthers = field?.input === false || subject === 'username'
  if (field?.unique === true && isOthers) return
  throw new StartupError(
    `identity.token.subject: ${JSON.stringify(subject)} does not say who somebody is: in auth.module it needs unique: true and input: false`,
  )
}

/** Whether FastAPI knows users by it now or later: who could set it could become anybody. */
function refuseOpenExternalId({ user }: BetterAuthOptions): void {
  const { externalId } = user?.additionalFields ?? {}
  if (externalId === undefined || externalId.input === false) return
  throw new StartupError(
    'auth.module: user.additionalFields.externalId needs input: false: FastAPI may know its users by it',
  )
}

import { userOf, type Principal } from '../authn/principal.ts'
import type { UserField } from '../config/types.ts'
import { refuse, type Refusal } from '../errors/refusal.ts'
import { readSource } from './sources.ts'

/**
 * How FastAPI knows a principal: the value of the configured source, and never that of another one. Who has none cannot be
 * named to FastAPI.
 *
 * Refusals: `email_not_verified` where the user only has to confirm their address, else `subject_missing`. Not checked:
 * whether FastAPI has such a user.
 */
export function readSubject(principal: Principal, source: UserField): string | Refusal {
  const value = readSource(principal, source)
  if (value !== null && value !== '') return value
  const user = userOf(principal)
  if (source === 'user.email' && user !== null && user.email !== '') {
    return refuse('email_not_verified')
  }
  const detail =
    user === null
      ? `The application knows its users by ${source}, and this credential belongs to no account here.`
      : `The application knows its users by ${source}, and this account has none.`
  return refuse('subject_missing', { detail })
}

import { withParameters } from '../../errors/answer.ts'
import { safeReturnTo } from '../../pages/return-to.ts'
import { endpoints } from '../../routing/compile.ts'
import type { Snapshot } from '../../snapshot.ts'

/**
 * Where the sign-in page is, when `auth.loginPage` names another one than ours, with what the query asks for; null: here. So `/_gateway/login` leads to the sign-in page
 * of every gateway, and the browser kit need not know which it is.
 */
export function loginElsewhere(
  { loginPage, notReturnedTo }: Pick<Snapshot['answers'], 'loginPage' | 'notReturnedTo'>,
  query: Readonly<Record<string, unknown>>,
): string | null {
  if (/^[^?#]*/.exec(loginPage)?.[0] === endpoints.login.path) return null
  const { reauth, return_to: returnTo } = query
  const parameters = reauth === '1' ? ['reauth=1'] : []
  if (typeof returnTo === 'string') {
    parameters.push(`return_to=${encodeURIComponent(safeReturnTo(returnTo, notReturnedTo))}`)
  }
  return withParameters(loginPage, parameters)
}

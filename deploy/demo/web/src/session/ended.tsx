import type { ReactNode } from 'react'
import { loginPath, type End } from '../gateway.ts'

const reasons: Readonly<Record<string, string>> = {
  session_revoked: 'This session was revoked, here or on another device.',
  session_expired: 'This session has expired.',
  signed_out: 'You signed out in another tab.',
  user_banned: 'This account is blocked.',
}

/** Over a page whose session has ended, while what was on it is still there to be read. */
export function Ended({ end }: { readonly end: End }): ReactNode {
  return (
    <div className="over" role="alert">
      <p>
        <b>{reasons[end.code] ?? 'This session is over.'}</b>
        <code>{end.code}</code>
      </p>
      <a className="button" href={end.login ?? loginPath()}>
        Sign in again
      </a>
    </div>
  )
}

import type { ReactNode } from 'react'
import type { GatewaySession } from 'sallyport/client'
import { useSignOut } from './use-devices.ts'

export function Account({ user }: { readonly user: GatewaySession['user'] }): ReactNode {
  const signOut = useSignOut()
  return (
    <div className="account">
      <span className="avatar" aria-hidden="true">
        {user.name.trim().charAt(0).toUpperCase()}
      </span>
      <span className="who">
        <b>{user.name}</b>
        <small>{user.email}</small>
      </span>
      <button
        type="button"
        className="button quiet small"
        disabled={signOut.isPending}
        onClick={() => {
          signOut.mutate('here')
        }}
      >
        Sign out
      </button>
    </div>
  )
}

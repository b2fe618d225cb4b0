import type { ReactNode } from 'react'
import { explain } from '../http/errors.ts'

interface Asked {
  readonly isPending: boolean
  readonly isError: boolean
  readonly error: Error | null
  readonly failureReason: Error | null
  readonly refetch: () => unknown
}

/** What stands in for, or above, data that is not there yet, is being asked for again, or could not be had. */
export function QueryState({
  query,
  what,
}: {
  readonly query: Asked
  readonly what: string
}): ReactNode {
  const { isPending, isError, error, failureReason } = query
  if (isError && error !== null) {
    return (
      <p className="trouble" role="alert">
        <span>{explain(error) ?? 'Sign in to see this.'}</span>
        <button type="button" className="link" onClick={() => void query.refetch()}>
          Try again
        </button>
      </p>
    )
  }
  if (failureReason !== null) {
    const reason = explain(failureReason)
    return reason === null ? null : (
      <p className="trouble" role="status">
        <span>{reason} Trying again…</span>
      </p>
    )
  }
  return isPending ? (
    <div className="skeleton" role="status" aria-label={`Loading ${what}`}>
      <i />
      <i />
      <i />
    </div>
  ) : null
}

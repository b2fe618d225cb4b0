import type { ReactNode } from 'react'

/** The gate. What it stands beside says in words what it means. */
export function Emblem(): ReactNode {
  return (
    <svg className="emblem" viewBox="4 2 24 28" aria-hidden="true" focusable="false">
      <path className="outer" d="M4 30V14a12 12 0 0 1 24 0v16h-5V14a7 7 0 0 0-14 0v16z" />
      <path className="inner" d="M12 30V15a4 4 0 0 1 8 0v15z" />
    </svg>
  )
}

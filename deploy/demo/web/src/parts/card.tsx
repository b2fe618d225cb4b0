import { useId, type ReactNode } from 'react'

export interface CardProps {
  readonly title: string
  readonly className?: string
  /** Beside the title. */
  readonly aside?: ReactNode
  readonly children: ReactNode
}

/** A part of the page with its heading, which is a landmark of that name. */
export function Card({ title, className = '', aside, children }: CardProps): ReactNode {
  const id = useId()
  return (
    <section className={`card ${className}`} aria-labelledby={id}>
      <header className="card-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  )
}

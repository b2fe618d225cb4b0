import type { ReactNode } from 'react'
import { loginPath } from '../gateway.ts'
import { Emblem } from '../parts/emblem.tsx'
import { withoutSession } from '../door/attempts.ts'
import { TryTheDoor } from '../door/try-the-door.tsx'

const promises = [
  {
    title: 'Stays signed in, silently',
    text: 'Tokens and sessions are refreshed before they run out: once, for every tab.',
  },
  {
    title: 'Ends everywhere at once',
    text: 'Revoke a session, and its pages, event streams and WebSockets end within a second, and say why.',
  },
  {
    title: 'FastAPI as it was',
    text: 'Python reads one header and one token. It never sees a password, a cookie or a login.',
  },
]

/** What somebody sees who is not signed in. */
export function StartPage(): ReactNode {
  return (
    <main className="start">
      <div className="hero">
        <Emblem />
        <h1>Todos and a chat, behind a gate that knows you</h1>
        <p className="lead">
          A small React page on an ordinary FastAPI application. Sallyport stands in front, signs
          people in, and tells FastAPI who is calling.
        </p>
        <p className="actions">
          <a className="button big" href={loginPath()}>
            Sign in
          </a>
          <a className="button quiet big" href={loginPath('sign-up')}>
            Create an account
          </a>
        </p>
      </div>
      <TryTheDoor attempts={withoutSession} />
      <ul className="promises">
        {promises.map(({ title, text }) => (
          <li key={title}>
            <h2>{title}</h2>
            <p>{text}</p>
          </li>
        ))}
      </ul>
    </main>
  )
}

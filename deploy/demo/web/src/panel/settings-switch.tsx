import type { ReactNode } from 'react'
import { settings } from '../gateway.ts'
import { pathWith, type Settings as Chosen } from '../settings.ts'

/** How the kit is set up. A choice loads the page anew, with the choice in its address. */
export function Settings(): ReactNode {
  return (
    <>
      <Switch
        label="Requests carry"
        choices={[
          { text: 'session cookie', to: { ...settings, mode: 'cookie' } },
          { text: 'bearer token', to: { ...settings, mode: 'bearer' } },
        ]}
      />
      <Switch
        label="When the session ends"
        choices={[
          { text: 'go to sign in', to: { ...settings, onEnd: 'login' } },
          { text: 'stay, say why', to: { ...settings, onEnd: 'stay' } },
        ]}
      />
    </>
  )
}

interface SwitchProps {
  readonly label: string
  readonly choices: readonly { readonly text: string; readonly to: Chosen }[]
}

function Switch({ label, choices }: SwitchProps): ReactNode {
  const here = pathWith(settings)
  return (
    <nav className="switch" aria-label={label}>
      <span>{label}</span>
      <ul>
        {choices.map(({ text, to }) => (
          <li key={text}>
            <a href={pathWith(to)} aria-current={pathWith(to) === here}>
              {text}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

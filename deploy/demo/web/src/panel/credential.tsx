import { useState, type ReactNode } from 'react'
import type { GatewaySession } from 'sallyport/client'
import { gateway, settings } from '../gateway.ts'
import { explain } from '../http/errors.ts'
import { notify } from '../notices/notices.ts'
import { toDuration, useNow } from '../parts/time.ts'
import { useAccessTokens } from './tokens.ts'

/** What gets this page in, and how long it still does. */
export function Credential({ session }: { readonly session: GatewaySession }): ReactNode {
  return (
    <section aria-label="Credential" className="credential">
      {settings.mode === 'bearer' ? <Token /> : <Cookie expiresAt={session.expiresAt} />}
      <RefreshButton />
    </section>
  )
}

function Cookie({ expiresAt }: { readonly expiresAt: string }): ReactNode {
  const left = Date.parse(expiresAt) - useNow()
  return (
    <p className="countdown">
      <span>The session lives for another</span>
      <b role="timer">{toDuration(left)}</b>
      <small>It is extended while it is used. No token is ever in JavaScript.</small>
    </p>
  )
}

function Token(): ReactNode {
  const now = useNow()
  const [token] = useAccessTokens()
  const life = token === undefined ? 1 : token.expiresMs - token.issuedMs
  const left = Math.min((token?.expiresMs ?? now) - now, life)
  return (
    <p className="countdown">
      <span>The access token lives for another</span>
      <b role="timer">{token === undefined ? '–:––' : toDuration(left)}</b>
      <progress aria-label="Life of the token" max={1} value={Math.max(0, left / life)} />
      <small>
        {left > 0
          ? 'It is replaced before it expires, by one tab for all. It is in memory only.'
          : 'It will be replaced when it is needed.'}
      </small>
    </p>
  )
}

function RefreshButton(): ReactNode {
  const [isBusy, setIsBusy] = useState(false)
  const refresh = async (): Promise<void> => {
    setIsBusy(true)
    await gateway.refresh().catch((error: unknown) => {
      notify(explain(error as Error))
    })
    setIsBusy(false)
  }
  return (
    <button
      type="button"
      className="button small"
      disabled={isBusy}
      onClick={() => {
        void refresh()
      }}
    >
      Refresh now
    </button>
  )
}

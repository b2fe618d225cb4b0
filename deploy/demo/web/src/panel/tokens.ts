import { useEffect } from 'react'
import { gateway, log, settings } from '../gateway.ts'
import { createStore, useStore } from '../parts/store.ts'

/** An access token of this page, which is in its memory and nowhere else. */
export interface AccessToken {
  readonly value: string
  readonly issuedMs: number
  readonly expiresMs: number
}

const kept = 3

/** The newest first. The older ones are kept to show what becomes of them. */
const tokens = createStore<readonly AccessToken[]>([])

/** In bearer mode, the tokens that this page has had; asks the kit after each refresh. */
export function useAccessTokens(): readonly AccessToken[] {
  const refreshes = useStore(log).filter(({ event }) => event.type === 'refreshed')
  const last = refreshes[0]?.id
  useEffect(() => {
    if (settings.mode !== 'bearer') return
    gateway.token().then(
      (value) => {
        if (value !== null) remember(value)
      },
      () => undefined,
    )
  }, [last])
  return useStore(tokens)
}

function remember(value: string): void {
  if (tokens.current.some((token) => token.value === value)) return
  const { iat, exp } = readClaims(value)
  const token = { value, issuedMs: iat * 1000, expiresMs: exp * 1000 }
  tokens.set([token, ...tokens.current].slice(0, kept))
}

/** Only looked at: whether a token counts is the gateway's to say. */
function readClaims(token: string): { readonly iat: number; readonly exp: number } {
  const [, payload = ''] = token.split('.')
  const base64 = payload.replaceAll('-', '+').replaceAll('_', '/')
  return JSON.parse(atob(base64)) as { readonly iat: number; readonly exp: number }
}

import type { AccessToken } from '../panel/tokens.ts'

/** A request as somebody sends it who has no kit: nothing is repaired, and what comes back is shown as it is. */
export interface Attempt {
  readonly name: string
  readonly hint: string
  /** null: not possible now. */
  readonly prepare: (tokens: readonly AccessToken[]) => RequestInit | null
}

const nobody: Attempt = {
  name: 'Without credentials',
  hint: 'no cookie, no token',
  prepare: () => ({ credentials: 'omit' }),
}

const forged: Attempt = {
  name: 'With a forged token',
  hint: 'Bearer nonsense',
  prepare: () => ({ credentials: 'omit', headers: { authorization: 'Bearer nonsense' } }),
}

const somebodyElse: Attempt = {
  name: 'As somebody else',
  hint: 'X-User-Id: someone-else',
  prepare: () => ({ headers: { 'x-user-id': 'someone-else' } }),
}

const expired: Attempt = {
  name: 'With an expired token',
  hint: 'an earlier one of this page',
  prepare: (tokens) => {
    const old = tokens.find(({ expiresMs }) => expiresMs < Date.now())
    return old === undefined
      ? null
      : { credentials: 'omit', headers: { authorization: `Bearer ${old.value}` } }
  },
}

export const withoutSession: readonly Attempt[] = [nobody, forged]
export const withSession: readonly Attempt[] = [nobody, somebodyElse, forged, expired]

import type { Draft } from '../../case.ts'
import { refused } from '../../expect.ts'
import type { Probe } from '../../ground.ts'
import { write } from '../request.ts'
import type { Told } from '../words.ts'

/** A credential that proves nothing is a 401 wherever one is looked at, also where nobody needs one. */
export const unauthorized = [
  'token_invalid',
  'token_expired',
  'token_not_accepted',
  'session_expired',
  'session_revoked',
  'session_invalid',
] as const

/** A token at a place, which refuses it. */
export function bearer(probe: Probe, about: Told, token: string): Draft {
  return {
    ...about,
    title: `token: ${about.title}`,
    shot: { bytes: write(probe, { lines: [`Authorization: Bearer ${token}`] }) },
    expect: refused(...unauthorized),
  }
}

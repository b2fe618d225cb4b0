import type { Draft } from '../../case.ts'
import type { Probe } from '../../ground.ts'
import { unwanted } from '../request.ts'
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
  const named = { ...about, title: `token: ${about.title}` }
  return unwanted(probe, [named, { lines: [`Authorization: Bearer ${token}`] }, unauthorized])
}

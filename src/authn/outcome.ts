import type { Refusal } from '../errors/refusal.ts'
import type { Principal } from './principal.ts'

/**
 * The three answers of a credential reader: *absent* (ask the next), *authenticated*, *rejected* (stop). A credential
 * that was presented and is bad never falls through to a weaker one.
 */
export type Outcome =
  | { readonly answer: 'absent' }
  | { readonly answer: 'authenticated'; readonly principal: Principal }
  | { readonly answer: 'rejected'; readonly refusal: Refusal }

export const absent: Outcome = { answer: 'absent' }

export function authenticated(principal: Principal): Outcome {
  return { answer: 'authenticated', principal }
}

export function rejected(refusal: Refusal): Outcome {
  return { answer: 'rejected', refusal }
}

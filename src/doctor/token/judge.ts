import { ok, problem, warning, type Finding } from '../check.ts'
import { shown } from '../wire/shown.ts'

/** What FastAPI says to a request, as far as it matters here. */
export interface Said {
  readonly status: number
  /** Its `detail`, or empty. Written by somebody else. */
  readonly detail: string
}

/** What it says to the same request with one thing changed. */
export interface Hearing {
  /** Without any identity. */
  readonly bare: Said
  /** With a token whose signature is nobody's; null: no token is issued. */
  readonly forged: Said | null
  /** As the gateway would send it. */
  readonly ours: Said
}

/** Whether an answer asks for a credential, or a better one (RFC 9110 §15.5.2, §15.5.4; older versions of FastAPI answer 403). */
export function isTurnedAway({ status }: Said): boolean {
  return status === 401 || status === 403
}

/** Whether a token got further than a forged one does. */
export function isTaken(said: Said, forged: Said): boolean {
  return said.status !== 401 && !(said.status === forged.status && said.detail === forged.detail)
}

/** Not verified: a forged token gets what an honest one gets. An exception over a bad token is ugly, and a refusal. */
function isBelieved({ status }: Said): boolean {
  return status < 500 && ![400, 401, 403].includes(status)
}

/** What it comes to; null: FastAPI refuses our token, and why is to be found out. */
export function judgeHearing(path: string, hearing: Hearing): Finding | null {
  const { forged, ours } = hearing
  if (forged === null) return judgeHeaderOnly(path, ours)
  if (isBelieved(forged)) {
    return warning(
      `FastAPI accepts a token with a wrong signature at ${path} (${toText(forged)}): it does not verify it`,
      'Verify the token in FastAPI, or let nobody but the gateway reach it: it believes whoever does.',
    )
  }
  if (!isTaken(ours, forged)) return null
  if (ours.status >= 500) {
    return warning(
      `FastAPI takes our token at ${path}, and then fails (${toText(ours)})`,
      'Look at what FastAPI logs: it may not expect a user whom it does not know; --user names one that it knows.',
    )
  }
  return ok(`FastAPI takes our token at ${path} (${toText(ours)}), and refuses a wrong signature`)
}

function judgeHeaderOnly(path: string, ours: Said): Finding {
  if (!isTurnedAway(ours)) {
    return ok(`FastAPI takes X-User-Id at ${path} (${toText(ours)}); identity.token is none`)
  }
  return problem(
    `FastAPI refuses a request with X-User-Id alone at ${path} (${toText(ours)}), and identity.token is none`,
    'Remove identity.token: none, so that FastAPI gets the token that it asks for.',
  )
}

/** Nothing that was tried is taken. */
export function judgeRefused(path: string, { ours }: Hearing, isMadeUp: boolean): Finding {
  const further = isMadeUp
    ? 'if it does already, FastAPI may refuse users whom it does not know: name one with --user'
    : 'if it does already, see that it knows this user'
  return problem(
    `FastAPI refuses our token at ${path}: wrong secret (${toText(ours)})`,
    `Give bearer.secret the value with which FastAPI verifies; ${further}.`,
  )
}

export function toText({ status, detail }: Said): string {
  return detail === '' ? String(status) : `${status} "${shown(detail)}"`
}

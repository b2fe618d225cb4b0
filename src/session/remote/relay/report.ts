import type { FastifyRequest } from 'fastify'
import type { Audit } from '../../../ops/audit/trail.ts'
import { askedOf, codeIn, errorIn } from '../../audit/asked.ts'
import { concludeRemote } from '../../audit/remote.ts'
import type { AddressOf } from '../../mount.ts'
import type { Exchange } from './effects.ts'
import type { Concerned } from './events.ts'
import type { toAnswerHeaders } from './headers.ts'

export interface ReportOptions {
  readonly audit: Audit
  /** Of the session cookie. */
  readonly cookieName: string
  readonly addressOf: AddressOf
}

type Head = { readonly status: number } & ReturnType<typeof toAnswerHeaders>

/** Of an answer that never came. */
export const noAnswer: Head = { status: 503, fields: {}, setCookies: [] }

/** Says in the audit log what the request was. */
export function report(
  request: FastifyRequest,
  { path, body, answer }: Exchange,
  concerned: Concerned,
  head: Head,
  { audit, cookieName, addressOf }: ReportOptions,
): void {
  const { status, setCookies, fields } = head
  const { location } = fields
  const moved = status >= 300 && status < 400 && typeof location === 'string'
  const code = status >= 400 ? codeIn(answer) : errorIn(moved ? location : null)
  // An empty value is how a cookie is cleared.
  const signsIn = setCookies.some(
    (cookie) => cookie.startsWith(`${cookieName}=`) && cookie[cookieName.length + 1] !== ';',
  )
  const asked = askedOf(request, { path, body: () => body }, addressOf(request))
  const end = { status, code, answer, signsIn }
  for (const event of concludeRemote(asked, end, concerned)) audit.say(event)
}

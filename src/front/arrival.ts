import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { Session } from '../authn/principal.ts'
import { refuse, type Refusal } from '../errors/refusal.ts'
import type { RequestHead } from '../head.ts'
import type { Journey } from '../ops/access/journey.ts'
import type { Admission, Forwarded, Local } from '../pipeline.ts'
import type { Snapshot } from '../snapshot.ts'
import { isQuestion, type Asking } from '../endpoints/verify/answer.ts'
import { addressOf } from './address.ts'
import type { Place } from './clients.ts'

/** What the road left for the handler that Fastify calls next. */
export interface Arrival {
  readonly head: RequestHead
  readonly admission: Admission
  readonly snapshot: Snapshot
  /** The client's address, as limits see it. */
  readonly client: string
  readonly place: Place | null
  readonly journey: Journey
}

declare module 'fastify' {
  interface FastifyRequest {
    arrival: Arrival | null
  }
}

/** The admission of a request that the handler for routes got. */
export function forwardedOf({ arrival }: FastifyRequest): Forwarded {
  if (arrival?.admission.kind !== 'forward') throw new Error('no route was found for this request')
  return arrival.admission
}

/** What every answer to this request gets, or null where the road led nowhere. */
export function answerHeadersOf({ arrival }: FastifyRequest): readonly string[] | null {
  return arrival?.admission.answerHeaders ?? null
}

/** Whom the road left for an endpoint of ours, and what is in force for it. */
export function localArrivalOf(request: FastifyRequest): {
  readonly head: RequestHead
  readonly session: Session | null
  readonly principal: Local['principal']
  readonly answerHeaders: Local['answerHeaders']
  readonly snapshot: Snapshot
  readonly client: string
  readonly place: Place | null
  readonly journey: Journey
} {
  const { arrival } = request
  if (arrival?.admission.kind !== 'local') {
    throw new Error('an endpoint was reached that the road did not lead to')
  }
  const { head, admission, snapshot, client, place, journey } = arrival
  const { principal, answerHeaders } = admission
  const session = principal?.kind === 'session' ? principal.session : null
  return { head, session, principal, answerHeaders, snapshot, client, place, journey }
}

/** The question of a proxy that may ask, or null: this is a request like any other. */
export function askingOf(
  request: IncomingMessage,
  journey: Journey,
  snapshot: Snapshot,
): Asking | null {
  if (snapshot.verify === null) return null
  const target = request.url ?? '/'
  const address = (trusts: Snapshot['trusts']): string => addressOf(request, trusts)
  const { requestId } = journey
  const asking: Asking = { request, target, requestId, addressOf: address, snapshot, journey }
  return isQuestion(asking) ? asking : null
}

/** An inbound `X-Request-Id` is kept when it is one plain word, so that it can be followed through the logs. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[A-Za-z0-9._-]{8,64}$/.test(given) ? given : randomUUID()
}

/**
 * What speaks against a message before anything of it is looked at: another version of HTTP than 1.0 and 1.1, or a transfer coding in
 * HTTP/1.0, whose framing is faulty (RFC 9112 §6.1). Returns `request_malformed`, or null.
 */
export function judgeMessage({ httpVersion, headers }: IncomingMessage): Refusal | null {
  if (httpVersion === '1.1') return null
  const isKnown = httpVersion === '1.0' && headers['transfer-encoding'] === undefined
  const detail = 'The version of HTTP and the framing of the request do not go together.'
  return isKnown ? null : refuse('request_malformed', { detail, headers: { connection: 'close' } })
}

import { createHmac, timingSafeEqual } from 'node:crypto'
import { endpoints } from '../../routing/compile.ts'

/**
 * How a push is signed: the scheme and the header names of Standard Webhooks 1.0, with the secret taken as its UTF-8 bytes. Works on Node 20, because the sending
 * side runs inside other people's applications.
 */
export const pushHeaders = {
  id: 'webhook-id',
  /** Seconds since the epoch. */
  timestamp: 'webhook-timestamp',
  /** One or more of `v1,` and the base64 of the HMAC, separated by spaces. */
  signature: 'webhook-signature',
} as const

/** Where gateways take pushes. */
export const pushPath = endpoints.revocations.path
/** A push holds no more, bytes. */
export const pushLimitBytes = 65_536
/** How often the sender shows that it is there, milliseconds. */
export const heartbeatMs = 250
/** After how long without a sign of life a sender may have something to tell that it cannot, milliseconds. */
export const silenceMs = 750

export interface PushHead {
  readonly id: string
  readonly timestamp: string
  readonly signature: string
}

/** The signature of a push. Not checked: its parts. */
export function signPush(
  secret: string,
  { id, timestamp }: Omit<PushHead, 'signature'>,
  body: string | Uint8Array,
): string {
  return `v1,${macOf(secret, id, timestamp, body).toString('base64')}`
}

const maxSignatures = 4

/** Whether one of the signatures is right. Compares in constant time. */
export function verifyPush(secret: string, head: PushHead, body: Uint8Array): boolean {
  const expected = macOf(secret, head.id, head.timestamp, body)
  const given = head.signature.split(' ').slice(0, maxSignatures)
  return given.map((each) => isEqual(expected, each)).includes(true)
}

function isEqual(expected: Buffer, signature: string): boolean {
  const bytes = Buffer.from(/^v1,([A-Za-z0-9+/]{43}=)$/.exec(signature)?.[1] ?? '', 'base64')
  return bytes.length === expected.length && timingSafeEqual(expected, bytes)
}

function macOf(secret: string, id: string, timestamp: string, body: string | Uint8Array): Buffer {
  return createHmac('sha256', Buffer.from(secret, 'utf8'))
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest()
}

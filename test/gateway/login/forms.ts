import { createHmac } from 'node:crypto'
import { origin, someAddress, type Reply, type Running } from '../../helper/gateway.ts'

/** What a form is sent with, where it is not as usual. */
export interface Sending {
  /** Of the page, with its question mark. */
  readonly query?: string
  readonly cookie?: string
  /** Of the client, where attempts are counted. */
  readonly address?: string
  /** Replaces what a browser says of where the form comes from. */
  readonly from?: Readonly<Record<string, string>>
  readonly contentType?: string
}

/** Sends a form of the sign-in page as a browser does that runs no script. */
export function sendForm(
  gateway: Running,
  fields: Readonly<Record<string, string>> | string,
  sending: Sending = {},
): Promise<Reply> {
  const { query = '', cookie, address = someAddress(), from } = sending
  return gateway.request(`/_gateway/login${query}`, {
    method: 'POST',
    headers: {
      'content-type': sending.contentType ?? 'application/x-www-form-urlencoded',
      accept: 'text/html,application/xhtml+xml',
      'accept-encoding': 'gzip, deflate, br',
      'x-forwarded-for': address,
      ...(from ?? { origin, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate' }),
      ...(cookie === undefined ? {} : { cookie }),
    },
    body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
  })
}

/** What the page says, as text. */
export function saidBy({ text }: Reply): string {
  return (/<p id="message"[^>]*>([^<]*)<\/p>/.exec(text)?.[1] ?? '').replaceAll('&#39;', "'")
}

/** The view that is shown. */
export function viewOf({ text }: Reply): string {
  return /<main [^>]*data-view="([a-z-]+)"/.exec(text)?.[1] ?? 'none'
}

/**
 * RFC 6238: the code that an authenticator app shows.
 * @param uri as it is in the QR code
 * @param nowMs wall clock, milliseconds
 */
export function totpOf(uri: string, nowMs = Date.now()): string {
  const secret = fromBase32(new URL(uri).searchParams.get('secret') ?? '')
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(nowMs / 30_000)))
  const digest = createHmac('sha1', secret).update(counter).digest()
  const offset = (digest.at(-1) ?? 0) & 15
  const number = (digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000
  return String(number).padStart(6, '0')
}

/** RFC 4648 §6. */
function fromBase32(text: string): Buffer {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = Array.from(text.replaceAll('=', ''))
    .map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

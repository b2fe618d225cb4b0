import { refuse, type Refusal } from '../errors/refusal.ts'
import type { RequestHead } from '../head.ts'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Whether a request that a cookie decides may come from where it comes from (Fetch Metadata; RFC 6454 §7). Browsers send
 * `Sec-Fetch-Site` or `Origin` with every unsafe method; a request with neither comes from no browser, and so from nobody
 * who could have been tricked. A WebSocket handshake is a GET that is not safe: the page that opened it may read and write, so
 * its `Origin`, which browsers always send (RFC 6455 §10.2), must be trusted whatever else is said. Returns `origin_rejected`, or null.
 *
 * Not for the caller to use on requests that `Authorization` decides: no other site can make a browser send that.
 */
export function checkOrigin(
  head: RequestHead,
  trusted: ReadonlySet<string>,
  isHandshake: boolean,
): Refusal | null {
  if (!isHandshake && safeMethods.has(head.method)) return null
  if (head.repeated === 'origin') return refuse('origin_rejected')
  if (isHandshake) {
    return head.origin === null || trusted.has(head.origin) ? null : refuse('origin_rejected')
  }
  if (head.secFetchSite === 'same-origin' || head.secFetchSite === 'none') return null
  if (head.origin === null) return head.secFetchSite === null ? null : refuse('origin_rejected')
  return trusted.has(head.origin) ? null : refuse('origin_rejected')
}

/**
 * The rule for a form with which somebody signs in, where no cookie has to come along to do harm: a page of another site could sign
 * its visitors in to an account of its own. So a request that does not say where it comes from is refused too. Returns
 * `origin_rejected`, or null.
 */
export function checkForm(head: RequestHead, trusted: ReadonlySet<string>): Refusal | null {
  if (safeMethods.has(head.method)) return null
  if (head.origin === null && head.secFetchSite === null) return refuse('origin_rejected')
  return checkOrigin(head, trusted, false)
}

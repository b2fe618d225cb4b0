import type { Principal } from '../authn/principal.ts'
import type { RateLimitConfig } from '../config/types.ts'
import { clientKey } from '../front/clients.ts'

/**
 * Under which key a request is counted: the bucket, and who is calling. Nothing in it is the caller's choice: the id has been proven, the
 * address is the socket's or a trusted proxy's. A bucket holds no ":", and the letter before an id or an address keeps the two apart.
 */
export function rateKey(
  { bucket, by }: Pick<RateLimitConfig, 'bucket' | 'by'>,
  principal: Pick<Principal, 'userId'> | null,
  address: string,
): string {
  return by === 'user' && principal !== null
    ? `${bucket}:u:${principal.userId}`
    : `${bucket}:a:${clientKey(address)}`
}

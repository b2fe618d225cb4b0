import { hash } from 'node:crypto'
import type { Session } from '../../../src/authn/principal.ts'
import { digest } from '../../../src/crypto/hs256.ts'
import type { SessionCache } from '../../../src/session/cache.ts'
import type { SessionSource } from '../../../src/session/port.ts'

const prefix = 'made-up-'
const lifeMs = 7 * 86_400_000

/** A session as Better Auth would tell of it, of user number `index`. */
export function madeUpSession(index: number): Session {
  const id = hash('sha256', `session ${index}`, 'hex').slice(0, 32)
  return {
    id,
    expiresAtMs: Date.now() + lifeMs,
    refreshAtMs: Infinity,
    createdAtMs: 0,
    impersonatedBy: null,
    organization: null,
    user: {
      id: `user-${id}`,
      email: `user${index}@example.com`,
      emailVerified: true,
      name: `User ${index}`,
      image: null,
      role: null,
      banned: false,
      externalId: null,
      fields: {},
    },
  }
}

/** The value of a session cookie with the shape and length of a real one. Nobody signed it: it is good only where it is cached. */
export function madeUpCookieValue(index: number): string {
  const bytes = hash('sha256', `cookie ${index}`, 'buffer')
  const token = bytes.toString('base64url').slice(0, 32)
  return encodeURIComponent(`${token}.${bytes.toString('base64')}`)
}

/** Knows the made-up sessions, and hands everything else on. */
export function madeUpSource(source: SessionSource): SessionSource {
  return {
    findByToken: (token) =>
      token.startsWith(prefix)
        ? Promise.resolve(madeUpSession(Number(token.slice(prefix.length))))
        : source.findByToken(token),
    findById: (id) => source.findById(id),
    refresh: (cookieHeader) => source.refresh(cookieHeader),
  }
}

/** Puts sessions number 0 to `count` into a cache whose source is `madeUpSource`. */
export async function fill(cache: SessionCache, count: number): Promise<void> {
  const batch = 1000
  for (let start = 0; start < count; start += batch) {
    const length = Math.min(batch, count - start)
    await Promise.all(
      Array.from({ length }, (_, offset) =>
        cache.findByToken(digest(madeUpCookieValue(start + offset)), `${prefix}${start + offset}`),
      ),
    )
  }
}

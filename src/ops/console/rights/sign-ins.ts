import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'

/**
 * `__Host-` ties it to this name; browsers take it on plain http only from a loopback name, so that it never travels in the clear. Other ports of the same
 * name get it too: it is therefore not the token, and ends with this process.
 */
export const cookieName = '__Host-sallyport_console'

const lifetimeMs = 12 * 3_600_000

/** Knows the admin token, and who has shown it. */
export class SignIns {
  readonly #token: () => string | null
  readonly #now: () => number
  /** By digest of the cookie: the digest of the token that was shown, and until when it counts. */
  readonly #known = new LRUCache<string, { readonly token: string; readonly untilMs: number }>({
    max: 100,
  })

  /**
   * @param token what is configured now; null: nobody can sign in
   * @param now monotonic, milliseconds
   */
  constructor(token: () => string | null, now: () => number) {
    this.#token = token
    this.#now = now
  }

  get isPossible(): boolean {
    return this.#token() !== null
  }

  /** Takes as long whatever is wrong with it. */
  isToken(given: string): boolean {
    const token = this.#token()
    return timingSafeEqual(digest(given), digest(token ?? '')) && token !== null
  }

  /** A cookie value for somebody who has shown the token. */
  begin(): { readonly value: string; readonly maxAgeSeconds: number } {
    const value = randomBytes(32).toString('base64url')
    this.#known.set(keyOf(value), {
      token: keyOf(this.#token() ?? ''),
      untilMs: this.#now() + lifetimeMs,
    })
    return { value, maxAgeSeconds: lifetimeMs / 1000 }
  }

  /** Whether a cookie counts: not past its time, nor when another token is configured now. */
  isSignedIn(value: string): boolean {
    const token = this.#token()
    const known = this.#known.get(keyOf(value))
    if (token === null || known === undefined) return false
    return known.token === keyOf(token) && known.untilMs > this.#now()
  }

  end(value: string): void {
    this.#known.delete(keyOf(value))
  }
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}

function keyOf(text: string): string {
  return hash('sha256', text, 'base64url')
}

import type { ClientOptions } from '../types.ts'

const key = 'sallyport:logins'
/** A page that is left for the login page so often, without ever having a session, would be left for ever. */
const mostTimes = 3

/** Sends somebody to sign in: once, until there is a session again. */
export class Login {
  readonly #how: ClientOptions['login']
  #isAsked = false

  constructor(how: ClientOptions['login']) {
    this.#how = how
  }

  /** @param path of the login page as the gateway names it; what it serves there leads to any other */
  ask(code: string, path = '/_gateway/login'): void {
    const how = this.#how
    const { origin, pathname, search, hash } = location
    const page = new URL(typeof how === 'string' ? how : path, origin)
    if (this.#isAsked || page.pathname === pathname) return
    this.#isAsked = true
    page.searchParams.set('return_to', pathname + search + hash)
    if (typeof how === 'function') how({ url: page.pathname + page.search, code })
    else if (count() <= mostTimes) location.assign(page)
  }

  /** There is a session. */
  done(): void {
    this.#isAsked = false
    count(0)
  }
}

/** Where cookies are blocked storage is too, but then there are no sessions either. */
function count(times = Number(sessionStorage.getItem(key)) + 1): number {
  sessionStorage.setItem(key, String(times))
  return times
}

import type { ClientOptions } from '../types.ts'

const key = 'sallyport:logins'
/** A page that is left for the login page so often, without ever having a session, would be left for ever. */
const mostTimes = 3

/**
 * Sends somebody to sign in: once, until it is called without a code, because there is a session.
 * @param page path of the login page as the gateway names it; what it serves there leads to any other
 */
export type AskToLogin = (code?: string, page?: string) => void

export function createLogin(how: ClientOptions['login']): AskToLogin {
  let isAsked = false
  return (code, path = '/_gateway/login') => {
    const { pathname, href } = location
    const page = new URL(typeof how === 'string' ? how : path, href)
    if (!code) {
      isAsked = false
      // Where cookies are blocked storage is too, but then there are no sessions either.
      sessionStorage.removeItem(key)
    } else if (!isAsked && page.pathname !== pathname) {
      isAsked = true
      page.searchParams.set('return_to', href.replace(origin, ''))
      const times = +sessionStorage[key] || 0
      sessionStorage[key] = times + 1
      if (typeof how === 'function') how({ url: page.href.replace(origin, ''), code })
      else if (times < mostTimes) location.assign(page)
    }
  }
}

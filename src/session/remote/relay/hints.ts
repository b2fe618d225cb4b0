import type { FastifyBaseLogger } from 'fastify'
import type { Presenter } from '../proof.ts'

/**
 * Watches the cookies that a remote Better Auth sets for what would keep everybody signed out, and says each once: another name of the session cookie than
 * the one that is read, another secret than the one that signatures are checked with. Values never reach the log.
 */
export function createHints(
  cookieName: string,
  presenter: Pick<Presenter, 'tokenIn'>,
  logger: FastifyBaseLogger,
): (setCookies: readonly string[]) => void {
  const said = new Set<string>()
  const say = (hint: string): void => {
    if (said.has(hint) || said.size > 10) return
    said.add(hint)
    logger.error(hint)
  }
  return (setCookies) => {
    for (const setCookie of setCookies) {
      const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(setCookie) ?? []
      // An empty value is how a cookie is cleared.
      if (value === '' || !name.endsWith('session_token')) continue
      if (name !== cookieName) {
        say(`the remote Better Auth calls its session cookie ${name}: say so in auth.cookie`)
      } else if (presenter.tokenIn(value) === null) {
        say('auth.secret is not the secret that the remote Better Auth signs its cookies with')
      }
    }
  }
}

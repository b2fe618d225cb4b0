import { escapeHtml, renderDocument } from './html.ts'
import { heading, renderLoginForms } from './login-markup.ts'
import { loginScript } from './login-script.ts'
import { safeReturnTo } from './return-to.ts'
import { baseStyle, loginStyle } from './style.ts'

export interface LoginPageOptions {
  /** Where Better Auth answers, without a trailing slash. */
  readonly authPath: string
  /** Whether people may sign in with e-mail and password. */
  readonly email: boolean
  /** Who may create an account; `closed` hides the form, which is no protection by itself. */
  readonly signUp: 'open' | 'closed' | 'domains'
  /** Better Auth's names of the social providers, in the order of their buttons. */
  readonly social: readonly string[]
  /** What people are signing in to; left out of the page when null or absent. */
  readonly appName?: string | null
  /** Only said as a hint; Better Auth decides. Default 8, as there. */
  readonly minPasswordLength?: number
  /** SHA-256 of the UTF-8 bytes of a text, in standard base64 with padding. */
  readonly sha256Base64: (text: string) => string
}

export interface LoginPage {
  /** The `Content-Security-Policy` that the page must be sent with; it allows its script and styles by hash. */
  readonly csp: string
  /**
   * The HTML for one request.
   * @param returnTo the decoded `return_to` parameter as it came; what is not a safe path of this origin becomes `/`
   */
  readonly render: (returnTo: string | undefined | null) => string
}

/**
 * Prepares the built-in sign-in and sign-up page. Everything but `return_to` is fixed here, hashes included. Pure apart
 * from the hash function it is given. The page signs in through Better Auth's own endpoints, goes on to `return_to`, and
 * goes on at once when `GET /_gateway/session` knows who it is, unless its own URL says `reauth=1`: then it asks them to
 * sign in again.
 *
 * Not done here: the headers around it. The answer holds `return_to`, so it is sent with `Cache-Control: no-store`.
 */
export function createLoginPage(options: LoginPageOptions): LoginPage {
  const forms = renderLoginForms({
    ...options,
    minPasswordLength: options.minPasswordLength ?? 8,
  })
  const appName = options.appName ?? null
  const lead = appName === null ? '' : `<p class="lead">to continue to ${escapeHtml(appName)}</p>\n`
  const authPath = escapeHtml(options.authPath)
  return {
    csp: contentSecurityPolicy(options.sha256Base64),
    render: (value) => {
      const returnTo = escapeHtml(safeReturnTo(value, [options.authPath]))
      return renderDocument({
        title: appName === null ? 'Sign in' : `Sign in · ${appName}`,
        styles: [baseStyle, loginStyle],
        body: `<main class="card login" data-auth-path="${authPath}" data-return-to="${returnTo}">
${heading}
${lead}${forms}
</main>
<script>${loginScript}</script>`,
      })
    },
  }
}

/** CSP Level 3: nothing is loaded from anywhere, nothing else runs, nobody frames the page or redirects its form. */
function contentSecurityPolicy(sha256Base64: (text: string) => string): string {
  const styles = [baseStyle, loginStyle].map((style) => `'sha256-${sha256Base64(style)}'`)
  return [
    "default-src 'none'",
    `script-src 'sha256-${sha256Base64(loginScript)}'`,
    `style-src ${styles.join(' ')}`,
    'img-src data:',
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

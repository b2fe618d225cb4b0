import type { View } from '../browser/types.ts'
import { imageSources, mark, type Brand } from '../brand.ts'
import { escapeHtml } from '../escape.ts'
import { renderDocument } from '../html.ts'
import { baseStyle } from '../style.ts'
import type { Offers } from './offers.ts'
import { viewsOf, type PageState } from './state.ts'
import { loginStyle } from './style.ts'
import { switches, views, type ViewParts } from './views.ts'

export interface LoginPageOptions {
  /** Where the page is on this origin. */
  readonly path: string
  /** Where Better Auth answers, without a trailing slash. */
  readonly authPath: string
  readonly offers: Offers
  readonly brand: Brand
  /** Path of the module that the page runs, on this origin. */
  readonly script: string
  /** SHA-256 of the UTF-8 bytes of a text, in standard base64 with padding. */
  readonly sha256Base64: (text: string) => string
}

export interface LoginPage {
  /** Where it is on this origin. */
  readonly path: string
  readonly offers: Offers
  /** Paths that nobody is sent back to after signing in. */
  readonly excluded: readonly string[]
  /**
   * The `Content-Security-Policy` that the page must be sent with.
   * @param nonce of this answer alone: base64 of at least 16 random bytes
   */
  readonly csp: (nonce: string) => string
  /** The HTML for one request; `nonce` as for its policy. */
  readonly render: (state: PageState, nonce: string) => string
}

/**
 * Prepares the built-in sign-in page. Pure apart from the hash function it is given. With JavaScript the page signs in through Better
 * Auth's own endpoints, goes on to `returnTo`, and goes on at once when `GET /_gateway/session` knows who it is, unless it asks
 * to sign in again; without, its forms are sent to where it is.
 *
 * Not done here: the headers around it. The answer holds `returnTo`, so it is sent with `Cache-Control: no-store`.
 */
export function createLoginPage(options: LoginPageOptions): LoginPage {
  const { path, offers, brand, authPath, sha256Base64 } = options
  const styles = [baseStyle, loginStyle].map((style) => `'sha256-${sha256Base64(style)}'`)
  return {
    path,
    offers,
    excluded: [authPath],
    csp: (nonce) => contentSecurityPolicy(nonce, styles, brand),
    render: (state, nonce) => {
      const heading = headingOf(state.view, brand)
      const title = titleOf(state.view, brand)
      return renderDocument({
        title: state.tone === 'error' && state.text !== '' ? `Error: ${title}` : title,
        brand,
        styles: [baseStyle, loginStyle],
        body: `<main class="card login"${dataOf(options, state)}>
<div class="brand">${mark(brand)}</div>
<h1 id="heading">${escapeHtml(heading)}</h1>
${message(state)}
${sections(options, state)}
</main>
<script type="module" src="${escapeHtml(options.script)}" nonce="${escapeHtml(nonce)}"></script>`,
      })
    },
  }
}

/** What differs from page to page and from request to request, for the script. */
function dataOf({ authPath, offers }: LoginPageOptions, state: PageState): string {
  const data: Readonly<Record<string, string>> = {
    'auth-path': authPath,
    'return-to': state.returnTo,
    view: state.view,
    confirms: String(offers.confirms),
    reauth: String(state.reauth),
  }
  return Object.entries(data)
    .map(([name, value]) => ` data-${name}="${escapeHtml(value)}"`)
    .join('')
}

function message({ text, tone }: PageState): string {
  return `<p id="message" class="message${tone === 'notice' ? ' notice' : ''}" role="alert">${escapeHtml(text)}</p>`
}

/** Every view that there is, all but one of them hidden, and what some have in common. */
function sections(options: LoginPageOptions, state: PageState): string {
  const { offers, brand, path } = options
  const query = queryOf(state)
  const parts: ViewParts = {
    offers,
    state,
    named: brand.name === null ? '' : ` ${brand.name}`,
    action: escapeHtml(path + query()),
    linkTo: (view) => escapeHtml(path + query(view)),
  }
  // Without the token of a link it would be of no use.
  const shown = viewsOf(offers).filter((view) => view !== 'reset' || state.token !== null)
  const own = shown.map((view) => {
    const { lead, body } = views[view]
    const intro = lead === '' ? [] : [`<p class="lead">${escapeHtml(lead)}</p>`]
    const hidden = view === state.view ? '' : ' hidden'
    const data = `data-view="${view}" data-heading="${escapeHtml(headingOf(view, brand))}" data-title="${escapeHtml(titleOf(view, brand))}"`
    return `<section ${data}${hidden}>\n${[...intro, ...body(parts)].join('\n')}\n</section>`
  })
  return [...own, providers(offers, state), ...switches(parts)].join('\n')
}

/** `?view=…` and what is kept from view to view. */
function queryOf({ returnTo, reauth }: PageState): (view?: View) => string {
  return (view) => {
    const query = new URLSearchParams()
    if (view !== undefined && view !== 'sign-in') query.set('view', view)
    if (reauth) query.set('reauth', '1')
    if (returnTo !== '/') query.set('return_to', returnTo)
    return query.size === 0 ? '' : `?${query.toString()}`
  }
}

const viewsWithProviders: readonly View[] = ['sign-in', 'sign-up']

function providers({ email, providers }: Offers, { view }: PageState): string {
  if (providers.length === 0) {
    return email ? '' : '<p class="lead">No way to sign in has been set up here.</p>'
  }
  const hidden = viewsWithProviders.includes(view) ? '' : ' hidden'
  const buttons = providers.map(
    ({ id, name }) =>
      `<button class="button provider" type="button" data-provider="${escapeHtml(id)}">Continue with ${escapeHtml(name)}</button>`,
  )
  return `<div data-with="${viewsWithProviders.join(' ')}"${hidden}>
<div class="needs-script">
${email ? '<p class="or">or</p>\n' : ''}<div class="providers">
${buttons.join('\n')}
</div>
</div>
<noscript><p class="hint">To continue with ${escapeHtml(listOf(providers.map(({ name }) => name)))}, this page needs JavaScript.</p></noscript>
</div>`
}

function listOf(names: readonly string[]): string {
  return new Intl.ListFormat('en', { type: 'disjunction' }).format(names)
}

function headingOf(view: View, { name }: Brand): string {
  return views[view].heading(name === null ? '' : ` ${name}`)
}

function titleOf(view: View, brand: Brand): string {
  const heading = headingOf(view, brand)
  const { name } = brand
  return name === null || heading.includes(name) ? heading : `${heading} · ${name}`
}

/** CSP Level 3: nothing is loaded from anywhere, one module runs with what it imports, nobody frames the page or redirects its forms. */
function contentSecurityPolicy(nonce: string, styles: readonly string[], brand: Brand): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${styles.join(' ')}`,
    `img-src ${imageSources(brand)}`,
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    // Trusted Types: the script makes no markup, and no other may.
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}

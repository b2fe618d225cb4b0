import { wordsAfter } from '../browser/words.js'
import type { Outcome, View } from '../browser/types.ts'
import { safeReturnTo } from '../return-to.ts'
import type { Offers } from './offers.ts'

/** What one request gets to see of the sign-in page. */
export interface PageState {
  readonly view: View
  /** A safe path of this origin. */
  readonly returnTo: string
  /** Whoever is signed in is asked to sign in again. */
  readonly reauth: boolean
  /** Plain text; empty: nothing is said. */
  readonly text: string
  readonly tone: Outcome['tone']
  /** The field that has to change. */
  readonly wrong: Outcome['wrong']
  /** What was typed before; a password is never among it. */
  readonly typed: { readonly email: string; readonly name: string; readonly remember: boolean }
  /** Of the link with which a new password may be chosen. */
  readonly token: string | null
  /** Second factors that the account has; null: not known. */
  readonly methods: readonly string[] | null
}

/** The query of the page, decoded; what occurs more than once counts as missing. */
export type PageQuery = Readonly<Record<string, unknown>>

const nothingTyped = { email: '', name: '', remember: true }

/**
 * What the query of the page asks for: a view, the message that a link or a provider led back with. What is not offered, or
 * not understood, is the sign-in form. Nothing of the query is ever said, only chosen by.
 * @param excluded paths that nobody is sent back to
 */
export function stateOf(query: PageQuery, offers: Offers, excluded: readonly string[]): PageState {
  const text = (name: string): string | null => {
    const value = query[name]
    return typeof value === 'string' ? value : null
  }
  const error = text('error')
  const reauth = text('reauth') === '1'
  const token = text('token')
  const shown = shownBy(
    { view: text('view'), confirmed: text('confirmed') !== null, error, token },
    offers,
  )
  const blank = shown.text === '' && reauth && shown.view === 'sign-in'
  return {
    returnTo: safeReturnTo(text('return_to'), excluded),
    reauth,
    wrong: null,
    typed: nothingTyped,
    methods: null,
    tone: error === null ? 'notice' : 'error',
    ...shown,
    text: blank ? 'Sign in again to go on.' : shown.text,
    token: shown.view === 'reset' ? token : null,
  }
}

/** The views that there are, by what is offered. */
export function viewsOf({
  email,
  signUp,
  resets,
  confirms,
  secondFactor,
}: Offers): readonly View[] {
  const offered: readonly (readonly [View, boolean])[] = [
    ['sign-in', true],
    ['sign-up', email && signUp !== 'closed'],
    ['forgot', email && resets],
    ['reset', email && resets],
    ['verify', email && confirms],
    ['totp', secondFactor?.totp === true],
    ['otp', secondFactor?.otp === true],
    ['backup', secondFactor?.backup === true],
  ]
  return offered.filter(([, isOffered]) => isOffered).map(([view]) => view)
}

interface Asked {
  readonly view: string | null
  /** A link that confirms an e-mail address led here. */
  readonly confirmed: boolean
  readonly error: string | null
  readonly token: string | null
}

function shownBy(
  { view, confirmed, error, token }: Asked,
  offers: Offers,
): Pick<PageState, 'view' | 'text'> {
  const views = viewsOf(offers)
  const wanted = views.find((each) => each === view) ?? 'sign-in'
  if (wanted === 'reset' && (error !== null || !isToken(token))) {
    const unused = 'Open the link in the message again, or ask for another one.'
    return { view: 'forgot', text: error === null ? unused : wordsAfter('link', error) }
  }
  if (confirmed && error === null) {
    return { view: 'sign-in', text: 'Your e-mail address is confirmed. Sign in to go on.' }
  }
  if (confirmed) {
    const again = views.find((each) => each === 'verify') ?? 'sign-in'
    return { view: again, text: wordsAfter('link', error ?? '') }
  }
  return { view: wanted, text: error === null ? '' : wordsAfter('provider', error) }
}

/** Better Auth's are 24 letters and digits. */
function isToken(token: string | null): boolean {
  return token !== null && /^[\w-]{8,128}$/.test(token)
}

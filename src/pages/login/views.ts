import type { FormName, View } from '../browser/types.ts'
import { escapeHtml } from '../escape.ts'
import { button, check, field, type Field } from './fields.ts'
import type { Offers, SecondFactor } from './offers.ts'
import type { PageState } from './state.ts'

/** What a view is made with. */
export interface ViewParts {
  readonly offers: Offers
  readonly state: PageState
  /** The name of the application with a blank before it, or nothing. */
  readonly named: string
  /** Where a form is sent to; HTML-safe. */
  readonly action: string
  /** A link to another view, HTML-safe. */
  readonly linkTo: (view: View) => string
}

interface ViewText {
  readonly heading: (named: string) => string
  /** Below the heading; empty: nothing. */
  readonly lead: string
  readonly body: (parts: ViewParts) => readonly string[]
}

/** What each view says and asks. */
export const views: Readonly<Record<View, ViewText>> = {
  'sign-in': {
    heading: (named) => (named === '' ? 'Sign in' : `Sign in to${named}`),
    lead: '',
    body: signIn,
  },
  'sign-up': {
    heading: (named) => `Create your${named} account`,
    lead: '',
    body: signUp,
  },
  forgot: {
    heading: () => 'Forgot your password?',
    lead: 'Type your e-mail address. We will send you a link with which you can choose another password.',
    body: (parts) => [
      form('forgot', parts, [email('forgot', parts), button('Send the link')]),
      back(parts),
    ],
  },
  reset: {
    heading: () => 'Choose another password',
    lead: 'You will be signed out everywhere, and sign in with the new one.',
    body: (parts) => [
      form('reset', parts, [
        `<input type="hidden" name="token" value="${escapeHtml(parts.state.token ?? '')}">`,
        password('reset', parts, 'new-password', hintOf(parts)),
        button('Change the password'),
      ]),
      back(parts),
    ],
  },
  verify: {
    heading: () => 'Confirm your e-mail address',
    lead: '',
    body: (parts) => [
      form('verify', parts, [email('verify', parts), button('Send the message again')]),
      back(parts),
    ],
  },
  totp: {
    heading: () => 'Enter your code',
    lead: 'Open your authenticator app, and type the code that it shows for this account.',
    body: (parts) => code('totp', parts, true),
  },
  otp: {
    heading: () => 'Enter your code',
    lead: 'Type the code from the message that we send you.',
    body: (parts) => code('otp', parts, true),
  },
  backup: {
    heading: () => 'Use a backup code',
    lead: 'Type one of the codes that you wrote down when you set this up. Each works once.',
    body: (parts) => code('backup', parts, false),
  },
}

function signIn(parts: ViewParts): readonly string[] {
  const { offers, state, linkTo } = parts
  if (!offers.email) return []
  const forgotten = offers.resets
    ? `<p class="aside"><a href="${linkTo('forgot')}" data-choose="forgot">Forgot password?</a></p>`
    : ''
  return [
    form('sign-in', parts, [
      email('sign-in', parts),
      password('sign-in', parts, 'current-password', null),
      `<div class="row">${check('remember', 'in-remember', 'Keep me signed in', state.typed.remember)}${forgotten}</div>`,
      button('Sign in'),
    ]),
  ]
}

function signUp(parts: ViewParts): readonly string[] {
  const { offers, state } = parts
  const name = field({
    ...{ name: 'name', id: 'up-name', label: 'Name', type: 'text', autocomplete: 'name' },
    ...{ value: state.typed.name, isWrong: false, isFirst: isFirst('sign-up', parts) },
  })
  const hint = offers.signUp === 'domains' ? 'Use the address of your organisation.' : undefined
  return [
    form('sign-up', parts, [
      name,
      email('sign-up', parts, { isFirst: false, ...(hint === undefined ? {} : { hint }) }),
      password('sign-up', parts, 'new-password', hintOf(parts)),
      button('Create account'),
    ]),
  ]
}

/** Between signing in and signing up, below whatever both have in common. */
export function switches({ offers, state, linkTo }: ViewParts): readonly string[] {
  if (!offers.email || offers.signUp === 'closed') return []
  const from = (view: View, text: string, to: View, label: string): string =>
    `<p class="switch" data-with="${view}"${state.view === view ? '' : ' hidden'}>${text} <a href="${linkTo(to)}" data-choose="${to}">${label}</a></p>`
  return [
    from('sign-in', 'New here?', 'sign-up', 'Create an account'),
    from('sign-up', 'Already have an account?', 'sign-in', 'Sign in'),
  ]
}

function code(
  view: 'totp' | 'otp' | 'backup',
  parts: ViewParts,
  isNumeric: boolean,
): readonly string[] {
  const { offers } = parts
  const days = offers.secondFactor?.trustDays ?? null
  const trust = days === null ? 'Trust this device' : `Trust this device for ${days} days`
  return [
    form(view, parts, [
      field({
        ...{ name: 'code', id: `${view}-code`, label: view === 'backup' ? 'Backup code' : 'Code' },
        ...{ type: 'text', autocomplete: isNumeric ? 'one-time-code' : 'off', isNumeric },
        ...{ isWrong: isWrong(view, 'code', parts), isFirst: isFirst(view, parts) },
      }),
      check('trust', `${view}-trust`, trust, false),
      button('Continue'),
    ]),
    otherWays(view, parts),
    back(parts),
  ]
}

/** The other second factors; which of them the account has is not known before the password, and hides the rest. */
function otherWays(view: View, parts: ViewParts): string {
  const { offers, state, linkTo } = parts
  const factor: SecondFactor = offers.secondFactor ?? nothing
  const isKnown = (method: string): boolean => state.methods?.includes(method) ?? true
  const hidden = (method: string): string => (isKnown(method) ? '' : ' hidden')
  const link = (to: View, method: string, text: string): string =>
    `<li data-method="${method}"${hidden(method)}><a href="${linkTo(to)}" data-choose="${to}">${text}</a></li>`
  const ways = [
    ...(factor.totp && view !== 'totp' ? [link('totp', 'totp', 'Use your authenticator app')] : []),
    ...(factor.otp ? [`<li data-method="otp"${hidden('otp')}>${sendCode(view, parts)}</li>`] : []),
    // They are made together with the secret of the app.
    ...(factor.backup && view !== 'backup' ? [link('backup', 'totp', 'Use a backup code')] : []),
  ]
  return ways.length === 0 ? '' : `<ul class="ways">\n${ways.join('\n')}\n</ul>`
}

const nothing: SecondFactor = { totp: false, otp: false, backup: false, trustDays: null }

function sendCode(view: View, parts: ViewParts): string {
  const label = view === 'otp' ? 'Send me a new code' : 'Send me a code'
  return form('send-code', parts, [`<button class="link" type="submit">${label}</button>`])
}

/** A form that works by itself; with JavaScript it is sent without leaving the page. */
function form(name: FormName, { action }: ViewParts, parts: readonly string[]): string {
  // The one that is there more than once is no more than a button.
  const label = name === 'send-code' ? '' : ` id="${name}" aria-labelledby="heading"`
  return `<form method="post" action="${action}" data-form="${name}"${label}>
<input type="hidden" name="form" value="${name}">
${parts.join('\n')}
</form>`
}

function email(view: View, parts: ViewParts, more: Partial<Field> = {}): string {
  return field({
    ...{
      name: 'email',
      id: `${idOf(view)}-email`,
      label: 'E-mail',
      type: 'email',
      autocomplete: 'username',
    },
    ...{ value: parts.state.typed.email, isWrong: isWrong(view, 'email', parts) },
    isFirst: isFirst(view, parts) && parts.state.typed.email === '',
    ...more,
  })
}

function password(view: View, parts: ViewParts, autocomplete: string, hint: string | null): string {
  const isNext = view === 'reset' || (view === 'sign-in' && parts.state.typed.email !== '')
  return field({
    ...{ name: 'password', id: `${idOf(view)}-password`, type: 'password', autocomplete },
    label: view === 'reset' ? 'New password' : 'Password',
    ...(hint === null ? {} : { hint }),
    ...{ isWrong: isWrong(view, 'password', parts), isFirst: isNext && isFirst(view, parts) },
  })
}

/** What the ids of its fields begin with. */
function idOf(view: View): string {
  return view === 'sign-in' ? 'in' : view === 'sign-up' ? 'up' : view
}

function hintOf({ offers }: ViewParts): string | null {
  const least = offers.minPasswordLength
  return least === null ? null : `At least ${least} characters.`
}

function isFirst(view: View, { state }: ViewParts): boolean {
  return state.view === view && state.wrong === null
}

function isWrong(view: View, name: PageState['wrong'], { state }: ViewParts): boolean {
  return state.view === view && state.wrong === name
}

function back({ linkTo }: ViewParts): string {
  return `<p class="switch"><a href="${linkTo('sign-in')}" data-choose="sign-in">Back to signing in</a></p>`
}

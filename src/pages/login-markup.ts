import { emblem, escapeHtml } from './html.ts'

export interface LoginMarkup {
  readonly authPath: string
  readonly email: boolean
  readonly signUp: 'open' | 'closed' | 'domains'
  readonly social: readonly string[]
  readonly minPasswordLength: number
}

const providerNames: Readonly<Record<string, string>> = {
  github: 'GitHub',
  gitlab: 'GitLab',
  linkedin: 'LinkedIn',
  tiktok: 'TikTok',
  paypal: 'PayPal',
  huggingface: 'Hugging Face',
}

/** The contents of `main` behind the heading: forms, switch, providers. The same for every request. */
export function renderLoginForms(page: LoginMarkup): string {
  const signUp = page.email && page.signUp !== 'closed'
  const parts = [
    '<p id="message" class="message" role="alert"></p>',
    '<noscript><p class="message">This page needs JavaScript to sign you in.</p></noscript>',
    ...(page.email ? [signInForm] : []),
    ...(signUp ? [signUpForm(page)] : []),
    ...(page.email && page.social.length > 0 ? ['<p class="or">or</p>'] : []),
    ...(page.social.length > 0 ? [providers(page.social)] : []),
    ...(signUp ? [switches] : []),
    ...(page.email || page.social.length > 0
      ? []
      : ['<p class="lead">No way to sign in has been set up here.</p>']),
  ]
  return parts.join('\n')
}

export const heading = `${emblem}
<h1>Sign in</h1>`

const signInForm = `<form id="sign-in" data-part="sign-in" method="post" action="#">
<fieldset disabled>
<div class="field">
<label for="in-email">E-mail</label>
<input class="input" id="in-email" name="email" type="email" autocomplete="username" autocapitalize="none" spellcheck="false" required aria-describedby="message">
</div>
${passwordField('in-password', 'current-password', null)}
<div class="check">
<input id="in-remember" name="remember" type="checkbox" checked>
<label for="in-remember">Keep me signed in</label>
</div>
<button class="button wide submit" type="submit">Sign in</button>
</fieldset>
</form>`

function signUpForm(page: LoginMarkup): string {
  const hint =
    page.signUp === 'domains'
      ? '\n<p class="hint" id="up-email-hint">Use the address of your organisation.</p>'
      : ''
  const describedBy = hint === '' ? 'message' : 'up-email-hint message'
  return `<form id="sign-up" data-part="sign-up" method="post" action="#" hidden>
<fieldset disabled>
<div class="field">
<label for="up-name">Name</label>
<input class="input" id="up-name" name="name" type="text" autocomplete="name" required>
</div>
<div class="field">
<label for="up-email">E-mail</label>
<input class="input" id="up-email" name="email" type="email" autocomplete="username" autocapitalize="none" spellcheck="false" required aria-describedby="${describedBy}">${hint}
</div>
${passwordField('up-password', 'new-password', `At least ${page.minPasswordLength} characters.`)}
<button class="button wide submit" type="submit">Create account</button>
</fieldset>
</form>`
}

function passwordField(id: string, autocomplete: string, hint: string | null): string {
  const describedBy = hint === null ? 'message' : `${id}-hint message`
  const below = hint === null ? '' : `\n<p class="hint" id="${id}-hint">${hint}</p>`
  return `<div class="field password">
<label for="${id}">Password</label>
<input class="input" id="${id}" name="password" type="password" autocomplete="${autocomplete}" required aria-describedby="${describedBy}">
<button class="link reveal" type="button" data-reveal="${id}" aria-pressed="false" aria-label="Show password">Show</button>${below}
</div>`
}

const switches = `<p class="switch" data-part="sign-in">New here? <button class="link" type="button" data-choose="sign-up">Create an account</button></p>
<p class="switch" data-part="sign-up" hidden>Already have an account? <button class="link" type="button" data-choose="sign-in">Sign in</button></p>`

function providers(names: readonly string[]): string {
  const buttons = names.map(
    (name) =>
      `<button class="button provider" type="button" data-provider="${escapeHtml(name)}">Continue with ${escapeHtml(providerLabel(name))}</button>`,
  )
  return `<div class="providers">\n${buttons.join('\n')}\n</div>`
}

function providerLabel(name: string): string {
  return Object.hasOwn(providerNames, name)
    ? (providerNames[name] ?? name)
    : name.charAt(0).toUpperCase() + name.slice(1)
}

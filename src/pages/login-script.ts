/**
 * What runs in the browser on the sign-in page, as source text: the page allows it by its hash, so it is the same for
 * every request and reads what differs from attributes of `main`. Written as text because the rest of the project is
 * compiled without the DOM's types; a test runs it in a real browser.
 *
 * Answers are shown with `textContent` only. What was typed goes to Better Auth in a request body and nowhere else.
 */
export const loginScript = String.raw`
'use strict'
{
const main = document.querySelector('main')
const message = document.getElementById('message')
const authPath = main.dataset.authPath
const query = new URLSearchParams(location.search)
const reauth = query.get('reauth') === '1'

// Asked again here, of the parser that will follow it: only this origin is ever navigated to.
function destination() {
  const home = location.origin + '/'
  const value = main.dataset.returnTo
  if (!value.startsWith('/') || value.startsWith('//') || !URL.canParse(value, home)) return home
  const url = new URL(value, home)
  return url.origin === location.origin ? url.href : home
}

function show(text, kind) {
  message.className = kind === 'notice' ? 'message notice' : 'message'
  // Cleared first, so that the same words twice are announced twice.
  message.textContent = ''
  if (text !== '') setTimeout(() => { message.textContent = text }, 20)
}

const words = {
  INVALID_EMAIL_OR_PASSWORD: 'The e-mail address or the password is not right.',
  INVALID_EMAIL: 'That is not a valid e-mail address.',
  USER_ALREADY_EXISTS: 'There is already an account with this e-mail address. Sign in instead.',
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: 'There is already an account with this e-mail address. Sign in instead.',
  PASSWORD_TOO_SHORT: 'That password is too short. Choose a longer one.',
  PASSWORD_TOO_LONG: 'That password is too long. Choose a shorter one.',
  EMAIL_NOT_VERIFIED: 'Confirm your e-mail address first: open the link in the message we sent you.',
  EMAIL_PASSWORD_SIGN_UP_DISABLED: 'New accounts cannot be created here.',
  SIGN_UP_CLOSED: 'New accounts cannot be created here.',
  SIGN_UP_DOMAIN_NOT_ALLOWED: 'New accounts cannot be created with an e-mail address of this domain.',
}
const passwordCodes = ['INVALID_EMAIL_OR_PASSWORD', 'PASSWORD_TOO_SHORT', 'PASSWORD_TOO_LONG', 'PASSWORD_COMPROMISED']
const emailCodes = ['INVALID_EMAIL', 'USER_ALREADY_EXISTS', 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL', 'EMAIL_NOT_VERIFIED',
  'SIGN_UP_DOMAIN_NOT_ALLOWED']

function wait(answer) {
  const seconds = Number(answer.headers.get('retry-after') ?? answer.headers.get('x-retry-after'))
  if (!(seconds > 0)) return 'Wait a moment, then try again.'
  if (seconds > 90) return 'Try again in ' + Math.ceil(seconds / 60) + ' minutes.'
  return seconds === 1 ? 'Try again in a second.' : 'Try again in ' + Math.ceil(seconds) + ' seconds.'
}

function explain(answer, body, signUp) {
  if (answer.status === 429) return 'Too many attempts. ' + wait(answer)
  if (answer.status >= 500) return 'Signing in is not possible at the moment, through no fault of yours. Try again shortly.'
  if (Object.hasOwn(words, body.code)) return words[body.code]
  const said = [body.message, body.detail].find((text) => typeof text === 'string' && text !== '')
  if (said !== undefined) return said.slice(0, 300)
  if (answer.status === 403 && signUp) return 'This e-mail address may not create an account here.'
  return 'That did not work (' + answer.status + '). Try again.'
}

async function post(path, values) {
  const answer = await fetch(authPath + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(values),
    credentials: 'same-origin',
    redirect: 'error',
    signal: AbortSignal.timeout(30000),
  })
  const body = await answer.json().catch(() => null)
  return { answer, body: body !== null && typeof body === 'object' ? body : {} }
}

function setBusy(busy) {
  main.setAttribute('aria-busy', String(busy))
  for (const button of main.querySelectorAll('button')) button.disabled = busy
}

// A disabled button loses the focus: it returns there, or goes to the field that has to change.
function markInvalid(form, code, focused) {
  for (const input of form.querySelectorAll('.input')) input.removeAttribute('aria-invalid')
  const name = passwordCodes.includes(code) ? 'password' : emailCodes.includes(code) ? 'email' : null
  if (name === null) return focused?.focus()
  const wrong = form.elements.namedItem(name)
  wrong.setAttribute('aria-invalid', 'true')
  wrong.focus()
}

// One request at a time: answers are told in words, and only a finished sign-in leaves the page.
async function attempt(path, values, { form, signUp, done }) {
  if (main.getAttribute('aria-busy') === 'true') return
  show('')
  const focused = document.activeElement
  setBusy(true)
  let stay = true
  let code
  try {
    const { answer, body } = await post(path, values)
    if (answer.ok) stay = done(body)
    else {
      show(explain(answer, body, signUp))
      code = body.code
    }
  } catch {
    show('The server could not be reached. Check your connection and try again.')
  }
  if (!stay) return
  setBusy(false)
  if (form !== undefined) markInvalid(form, code, focused)
}

function enter(body) {
  if (body.twoFactorRedirect === true) {
    show('This account asks for a second factor, which this page cannot take.')
    return true
  }
  if (body.token === null) {
    show('Almost there: open the link in the message we sent you, then sign in.', 'notice')
    return true
  }
  location.replace(destination())
  return false
}

const forms = { 'sign-in': document.getElementById('sign-in'), 'sign-up': document.getElementById('sign-up') }
const titles = { 'sign-in': 'Sign in', 'sign-up': 'Create your account' }

function submit(form, path, signUp, values) {
  form?.addEventListener('submit', (event) => {
    event.preventDefault()
    void attempt(path, values(form.elements), { form, signUp, done: enter })
  })
}
submit(forms['sign-in'], '/sign-in/email', false, (fields) => ({
  email: fields.email.value.trim(),
  password: fields.password.value,
  rememberMe: fields.remember.checked,
}))
submit(forms['sign-up'], '/sign-up/email', true, (fields) => ({
  name: fields.name.value.trim(),
  email: fields.email.value.trim(),
  password: fields.password.value,
}))

function choose(name) {
  const other = forms[name === 'sign-in' ? 'sign-up' : 'sign-in']
  forms[name].elements.email.value ||= other.elements.email.value
  other.elements.password.value = ''
  for (const part of document.querySelectorAll('[data-part]')) part.hidden = part.dataset.part !== name
  document.querySelector('h1').textContent = titles[name]
  document.title = document.title.replace(/^(Sign in|Create your account)/, titles[name])
  show('')
  forms[name].querySelector('.input').focus()
}
for (const link of document.querySelectorAll('[data-choose]'))
  link.addEventListener('click', () => { choose(link.dataset.choose) })

for (const button of document.querySelectorAll('[data-reveal]'))
  button.addEventListener('click', () => {
    const input = document.getElementById(button.dataset.reveal)
    const reveal = input.type === 'password'
    input.type = reveal ? 'text' : 'password'
    button.setAttribute('aria-pressed', String(reveal))
  })

for (const button of document.querySelectorAll('[data-provider]'))
  button.addEventListener('click', () => {
    const failed = new URL(location.pathname, location.origin)
    failed.searchParams.set('return_to', main.dataset.returnTo)
    if (reauth) failed.searchParams.set('reauth', '1')
    const values = { provider: button.dataset.provider, callbackURL: destination(), errorCallbackURL: failed.href }
    void attempt('/sign-in/social', values, { signUp: true, done: leave })
  })

function leave(body) {
  const url = typeof body.url === 'string' && URL.canParse(body.url, location.origin) ? new URL(body.url, location.origin) : null
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    show('That provider could not be reached. Try another way to sign in.')
    return true
  }
  location.assign(url.href)
  return false
}

// Who is signed in already goes on at once, but not twice in ten seconds: a destination that keeps sending people back
// here would otherwise make a loop.
function goOn() {
  const key = 'sallyport.login.went'
  try {
    const last = Number(sessionStorage.getItem(key))
    sessionStorage.setItem(key, String(Date.now()))
    if (Date.now() - last > 10000) return location.replace(destination())
  } catch {
    // No storage: the link below does.
  }
  const link = document.createElement('a')
  link.href = destination()
  link.textContent = 'Continue'
  message.className = 'message notice'
  message.replaceChildren('You are signed in already. ', link)
}

// Where the sign-in was too long ago, going on would lead straight back here.
function askAgain(user) {
  if (!query.has('error')) show('Sign in again to go on.', 'notice')
  const fields = forms['sign-in']?.elements
  if (fields === undefined || fields.email.value !== '') return
  fields.email.value = user.email
  if (document.activeElement === fields.email) fields.password.focus()
}

async function lookForSession() {
  try {
    const answer = await fetch('/_gateway/session', { headers: { accept: 'application/json' }, credentials: 'same-origin' })
    const session = answer.ok ? await answer.json() : {}
    if (session.authenticated === true) reauth ? askAgain(session.user) : goOn()
  } catch {
    // Not known: whoever signs in will be told what is wrong.
  }
}

// Coming back from a provider by the back button shows the page as it was left: busy.
addEventListener('pageshow', (event) => { if (event.persisted) setBusy(false) })
for (const fieldset of document.querySelectorAll('fieldset')) fieldset.disabled = false
if (location.hash === '#sign-up' && forms['sign-up'] !== null) choose('sign-up')
else document.querySelector('#sign-in .input')?.focus()
if (query.has('error')) {
  const code = query.get('error').toUpperCase()
  show(Object.hasOwn(words, code) ? words[code] : 'Signing in with that provider did not succeed. Try again, or choose another way.')
}
void lookForSession()
}
`

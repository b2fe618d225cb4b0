import { toCall } from './calls.js'
import { outcomeOf } from './outcome.js'
import {
  choose,
  currentView,
  forgetOnce,
  given,
  limitTo,
  main,
  markWrong,
  sectionOf,
  setBusy,
  show,
} from './page.js'
import { attempt } from './send.js'
import { destination, enter, followSession } from './session.js'
import { explain } from './words.js'

/** @import { Answer, Fields, FormName, Outcome, Place, View } from './types.ts' */

/** @type {Place} */
const place = {
  page: new URL(location.pathname, location.origin).href,
  returnTo: given('returnTo'),
  confirms: given('confirms') === 'true',
}

/**
 * Better Auth is asked from here, and the page stays.
 * @param {HTMLFormElement} form
 */
function send(form) {
  const name = /** @type {FormName} */ (form.dataset.form)
  const fields = /** @type {Fields} */ (Object.fromEntries(new FormData(form)))
  void attempt(toCall(name, fields, place), (answer, before) =>
    follow(outcomeOf(name, answer, place), before),
  )
}

/**
 * @param {Outcome} outcome
 * @param {Element | null} before
 * @returns {boolean} whether the page stays
 */
function follow({ view, text, tone, wrong, methods }, before) {
  if (view === null) {
    enter()
    return false
  }
  if (methods !== null) limitTo(methods)
  const isOther = view !== currentView()
  if (isOther) choose(view)
  show(text, tone)
  if (!isOther || wrong !== null) markWrong(wrong, before)
  // A code that has to be sent, and no other way: nobody has to ask for it.
  if (isOther && view === 'otp' && methods !== null) sendFirstCode()
  return true
}

function sendFirstCode() {
  const form = sectionOf('otp')?.querySelector('form[data-form=send-code]')
  if (form instanceof HTMLFormElement) send(form)
}

/**
 * To a provider of accounts, and back to where people go from here.
 * @param {HTMLElement} button
 */
function visit(button) {
  const failed = new URL(place.page)
  if (place.returnTo !== '/') failed.searchParams.set('return_to', place.returnTo)
  if (given('reauth') === 'true') failed.searchParams.set('reauth', '1')
  const body = {
    provider: button.dataset.provider,
    callbackURL: destination(),
    errorCallbackURL: failed.href,
  }
  void attempt({ path: '/sign-in/social', body }, leave)
}

/**
 * @param {Answer} answer
 * @param {Element | null} before
 * @returns {boolean} whether the page stays
 */
function leave({ status, retryAfter, body }, before) {
  const isOk = status >= 200 && status < 300
  const address = isOk && typeof body.url === 'string' ? body.url : ''
  const url = URL.canParse(address) ? new URL(address) : null
  if (url !== null && ['http:', 'https:'].includes(url.protocol)) {
    location.assign(url.href)
    return false
  }
  const text = isOk
    ? 'That provider could not be reached. Try another way to sign in.'
    : explain('provider', { status, retryAfter, body })
  show(text)
  markWrong(null, before)
  return true
}

/** @param {HTMLElement} button */
function reveal(button) {
  const input = document.getElementById(button.dataset.reveal ?? '')
  if (!(input instanceof HTMLInputElement)) return
  const isHidden = input.type === 'password'
  input.type = isHidden ? 'text' : 'password'
  button.setAttribute('aria-pressed', String(isHidden))
}

/** @type {Readonly<Record<string, (target: HTMLElement) => void>>} */
const clicks = {
  '[data-choose]': (link) => {
    show('')
    choose(/** @type {View} */ (link.dataset.choose))
  },
  '[data-reveal]': reveal,
  '[data-provider]': visit,
}

main.addEventListener('submit', (event) => {
  if (!(event.target instanceof HTMLFormElement)) return
  event.preventDefault()
  send(event.target)
})
main.addEventListener('click', (event) => {
  // Whoever wants another tab gets one.
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
  for (const [selector, act] of Object.entries(clicks)) {
    const target = event.target instanceof Element ? event.target.closest(selector) : null
    if (!(target instanceof HTMLElement)) continue
    event.preventDefault()
    act(target)
  }
})
// Coming back from a provider by the back button shows the page as it was left: at rest.
addEventListener('pageshow', (event) => {
  if (event.persisted) setBusy(false)
})
if (location.hash === '#sign-up') choose('sign-up')
forgetOnce()
followSession()

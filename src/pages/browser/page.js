/** @import { Outcome, View } from './types.ts' */

/** What is on the page, and how it changes. Whatever is said is set as text: the page makes no markup. */

/**
 * The one element of a kind; its absence is a bug.
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} type
 * @returns {T}
 */
function one(selector, type) {
  const element = document.querySelector(selector)
  if (!(element instanceof type)) throw new Error(`the page has no ${selector}`)
  return element
}

export const main = one('main', HTMLElement)
const message = one('#message', HTMLElement)
const heading = one('h1', HTMLElement)

/**
 * @param {string} name
 * @returns {string}
 */
export function given(name) {
  return main.dataset[name] ?? ''
}

/** @returns {View} */
export function currentView() {
  return /** @type {View} */ (given('view'))
}

/**
 * Says something, or nothing.
 * @param {string} text
 * @param {Outcome['tone']} [tone]
 */
export function show(text, tone = 'error') {
  message.className = tone === 'notice' ? 'message notice' : 'message'
  // Emptied first, so that the same words twice are announced twice.
  message.textContent = ''
  if (text === '') return
  setTimeout(() => {
    message.textContent = text
  }, 20)
}

/**
 * Says something with a way to go on.
 * @param {string} text
 * @param {string} label
 * @param {string} href of this origin
 */
export function offer(text, label, href) {
  const link = document.createElement('a')
  link.href = href
  link.textContent = label
  message.className = 'message notice'
  message.replaceChildren(`${text} `, link)
}

export function isBusy() {
  return main.getAttribute('aria-busy') === 'true'
}

/** @param {boolean} busy */
export function setBusy(busy) {
  main.setAttribute('aria-busy', String(busy))
  for (const button of main.querySelectorAll('button')) button.disabled = busy
}

/**
 * Shows a view, with what was typed of an address or a name kept, and no password.
 * @param {View} view
 */
export function choose(view) {
  const next = sectionOf(view)
  if (next === null) return
  const typed = inputIn(sectionOf(currentView()), 'email')?.value ?? ''
  main.dataset.view = view
  keepInAddress(view)
  for (const section of main.querySelectorAll('section')) section.hidden = section !== next
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (
    main.querySelectorAll('[data-with]')
  )) {
    part.hidden = !part.dataset.with?.split(' ').includes(view)
  }
  for (const name of ['password', 'code']) {
    for (const input of main.querySelectorAll(`input[name=${name}]`)) clear(input)
  }
  heading.textContent = next.dataset.heading ?? ''
  document.title = next.dataset.title ?? ''
  const email = inputIn(next, 'email')
  if (email !== null && email.value === '') email.value = typed
  focusFirst(next)
}

/**
 * Whoever loads the page again sees the same.
 * @param {View} view
 */
function keepInAddress(view) {
  const url = new URL(location.href)
  if (view === 'sign-in') url.searchParams.delete('view')
  else url.searchParams.set('view', view)
  url.hash = ''
  history.replaceState(history.state, '', url)
}

/** What led here counts once. The token of a link above all is taken out of the address, and with it out of the history. */
export function forgetOnce() {
  const url = new URL(location.href)
  for (const name of ['token', 'error', 'error_description', 'confirmed']) {
    url.searchParams.delete(name)
  }
  if (url.href !== location.href) history.replaceState(history.state, '', url)
}

/**
 * @param {View} view
 * @returns {HTMLElement | null}
 */
export function sectionOf(view) {
  return main.querySelector(`section[data-view="${view}"]`)
}

/**
 * @param {ParentNode | null} where
 * @param {string} name
 * @returns {HTMLInputElement | null}
 */
export function inputIn(where, name) {
  return where?.querySelector(`input[name=${name}]:not([type=hidden])`) ?? null
}

/** @param {Element} input */
function clear(input) {
  if (!(input instanceof HTMLInputElement) || input.type === 'hidden') return
  input.value = ''
  input.removeAttribute('aria-invalid')
}

/**
 * The first field that is empty, or else the first.
 * @param {ParentNode} section
 */
function focusFirst(section) {
  const inputs = [...section.querySelectorAll('input')].filter((input) =>
    input.classList.contains('input'),
  )
  const next = inputs.find(({ value }) => value === '') ?? inputs[0]
  next?.focus()
}

/**
 * Marks the field that has to change. A button that was disabled has lost the focus: it goes to that field, or back to where it was.
 * @param {Outcome['wrong']} wrong
 * @param {Element | null} before what had the focus
 */
export function markWrong(wrong, before) {
  const section = sectionOf(currentView())
  for (const input of main.querySelectorAll('.input')) input.removeAttribute('aria-invalid')
  const input = wrong === null ? null : inputIn(section, wrong)
  input?.setAttribute('aria-invalid', 'true')
  if (input !== null) input.focus()
  else if (before instanceof HTMLElement) before.focus()
}

/**
 * Hides the second factors that an account does not have.
 * @param {readonly string[]} methods
 */
export function limitTo(methods) {
  for (const way of /** @type {NodeListOf<HTMLElement>} */ (
    main.querySelectorAll('[data-method]')
  )) {
    way.hidden = !methods.includes(way.dataset.method ?? '')
  }
}

import { given, inputIn, isBusy, offer, sectionOf } from './page.js'

/**
 * Where people go from here.
 *
 * Asked again here, of the parser that will follow it: only this origin is ever navigated to.
 * @returns {string} an address of this origin
 */
export function destination() {
  const home = `${location.origin}/`
  const value = given('returnTo')
  if (!value.startsWith('/') || value.startsWith('//') || !URL.canParse(value, home)) return home
  const url = new URL(value, home)
  return url.origin === location.origin ? url.href : home
}

/** Whoever has just signed in goes on; the form is not left in the history. */
export function enter() {
  location.replace(destination())
}

const key = 'sallyport.login.went'
/** A destination that keeps sending people back here would otherwise make a loop. Milliseconds. */
const pauseMs = 10_000

/** Whoever is signed in already goes on at once, but not twice in a short time. */
function goOn() {
  try {
    const last = Number(sessionStorage.getItem(key))
    sessionStorage.setItem(key, String(Date.now()))
    if (Date.now() - last > pauseMs) {
      enter()
      return
    }
  } catch {
    // No storage: the link does.
  }
  offer('You are signed in already.', 'Continue', destination())
}

/** @param {{ readonly email?: unknown }} user */
function fillIn({ email }) {
  const section = sectionOf('sign-in')
  const input = inputIn(section, 'email')
  if (input === null || input.value !== '' || typeof email !== 'string') return
  input.value = email
  if (document.activeElement === input) inputIn(section, 'password')?.focus()
}

/** Goes on if there is a session by now. Where the sign-in was too long ago that would lead straight back here: its user is asked again. */
async function look() {
  if (isBusy()) return
  try {
    const answer = await fetch('/_gateway/session', {
      headers: { accept: 'application/json' },
      credentials: 'same-origin',
    })
    const session = answer.ok ? await answer.json() : {}
    if (session.authenticated !== true) return
    if (given('reauth') === 'true') fillIn(session.user)
    else goOn()
  } catch {
    // Not known: whoever signs in will be told what is wrong.
  }
}

/** Looks for a session now, and whenever there may be one that began elsewhere: in another tab, or before this page was come back to. */
export function followSession() {
  void look()
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void look()
  })
  addEventListener('pageshow', (event) => {
    if (event.persisted) void look()
  })
  if (!('BroadcastChannel' in globalThis)) return
  new BroadcastChannel('sallyport').addEventListener('message', ({ data }) => {
    if (data?.type === 'session' && data.session) void look()
  })
}

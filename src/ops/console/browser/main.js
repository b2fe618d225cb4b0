import { ask, tell } from './api.js'
import { TrafficCharts } from './charts/traffic.js'
import { announce, button, chip, fill, make, one } from './elements.js'
import { Model } from './model.js'
import { ConfigurationView } from './views/configuration.js'
import { field, openForm } from './views/dialog.js'
import { explain } from './views/explain.js'
import { LiveView } from './views/live.js'
import { RefusalsView } from './views/refusals.js'
import { askToRevoke, signIn } from './views/revoke.js'
import { showTiles } from './views/tiles.js'
import { showRoutes, showUpstreams } from './views/upstreams.js'

/** @import { Answer, Pulse, Refusal, State } from './types.ts' */

const spans = [
  { label: '10 min', ms: 600_000 },
  { label: '1 hour', ms: 3_600_000 },
]
let spanMs = 600_000
/** @type {Model | null} */
let model = null
/** @type {EventSource | null} */
let events = null

const charts = new TrafficCharts()
const configuration = new ConfigurationView()
const refusals = new RefusalsView((refusal) => void explain(refusal))
const live = new LiveView((target) => {
  if (model !== null) askToRevoke(target, model.state.rights, () => void begin())
})

/** Asks for everything, and follows what changes; or says why that is not to be. */
async function begin() {
  /** @type {[Answer<State>, Answer<{ readonly refusals: readonly Refusal[] }>]} */
  const [state, past] = await Promise.all([ask('state'), ask('refusals')])
  if (!state.ok || !past.ok) {
    const failed = state.ok ? past : state
    if (!failed.ok) stop(failed)
    return
  }
  model = new Model(state.body, past.body.refusals)
  one('blocked').hidden = true
  one('shown').hidden = false
  showAccount(model.state)
  show()
  follow()
}

function follow() {
  events?.close()
  events = new EventSource('events')
  events.addEventListener('pulse', (event) => {
    if (model === null) return
    model.take(/** @type {Pulse} */ (JSON.parse(event.data)))
    showLink('up', 'Live')
    show()
  })
  events.addEventListener('error', () => {
    showLink('down', 'Not connected')
    const isOver = events?.readyState === EventSource.CLOSED
    // A gap is not filled by what comes next: everything is asked for again.
    setTimeout(() => void begin(), isOver ? 3000 : 1000)
    events?.close()
  })
}

function show() {
  if (model === null) return
  const { now, state } = model
  one('where').textContent = state.publicUrl
  document.title = `Sallyport console · ${new URL(state.publicUrl).host}`
  showFacts(now)
  showTiles(model)
  charts.show(model.steps, state.stepMs, now.at, spanMs)
  showUpstreams(now.upstreams)
  showRoutes(now.routes)
  live.show(now.live, now.at, state.canRevoke)
  one('revoke-any').hidden = !state.canRevoke
  refusals.show(model)
  configuration.show(now)
}

/** @param {Pulse} pulse */
function showFacts({ phase, isShared, lastReload, configuration: hash }) {
  const facts = [
    chip(phase, phase === 'serving' ? 'good' : 'warn'),
    isShared ? chip('revocations heard', 'good') : chip('revocations not heard', 'bad'),
    lastReload?.applied === false ? chip('reload refused', 'bad') : chip(`configuration ${hash}`),
  ]
  fill(one('facts'), ...facts.map((each) => make('li', {}, each)))
}

/**
 * @param {'up' | 'down'} state
 * @param {string} text
 */
function showLink(state, text) {
  const link = one('link')
  link.className = `link-state ${state}`
  if (link.textContent !== text) link.textContent = text
}

/** @param {State} state */
function showAccount({ rights }) {
  const account = one('account')
  account.hidden = rights.way === 'token' || !rights.isTokenConfigured
  account.textContent = rights.way === 'cookie' ? 'Sign out' : 'Sign in'
}

/** @param {{ readonly status: number, readonly code: string, readonly detail: string }} problem */
function stop({ status, code, detail }) {
  if (status === 0) {
    showLink('down', 'Not connected')
    setTimeout(() => void begin(), 3000)
    return
  }
  events?.close()
  model = null
  one('shown').hidden = true
  one('account').hidden = true
  const blocked = one('blocked')
  blocked.hidden = false
  showLink('down', 'Not signed in')
  const isAsked = code === 'token_required'
  const title = make('h2', {}, isAsked ? 'Sign in' : 'Not from here')
  const text = isAsked
    ? 'This console shows itself to whoever has the admin token of this gateway.'
    : detail
  const enter = button('Sign in with the admin token', 'button', askForToken)
  fill(blocked, title, make('p', {}, text), ...(isAsked ? [enter] : []))
}

function askForToken() {
  const token = field('Admin token', { type: 'password', name: 'token', required: '' })
  const act = async () => {
    const problem = await signIn(token.input.value)
    if (problem === null) await begin()
    return problem
  }
  const help = make(
    'p',
    { class: 'soft' },
    'It is admin.token of the configuration, usually ADMIN_TOKEN in the environment.',
  )
  openForm('Sign in', { label: 'Sign in', kind: '', act }, token.element, help)
}

one('account').addEventListener('click', () => {
  if (model?.state.rights.way !== 'cookie') askForToken()
  else void tell('sign-out', {}).then(begin)
})
one('revoke-any').addEventListener('click', () => {
  if (model !== null) askToRevoke({ open: 0 }, model.state.rights, () => void begin())
})
one('charts').append(...charts.elements)

/** Which span of time is shown. */
function showSpans() {
  const buttons = spans.map(({ label, ms }) =>
    button(
      label,
      'quiet',
      () => {
        spanMs = ms
        showSpans()
        show()
        announce(`The last ${label}`)
      },
      { 'aria-pressed': String(ms === spanMs), 'data-key': `span ${label}` },
    ),
  )
  fill(one('spans'), ...buttons)
}

showSpans()
void begin()

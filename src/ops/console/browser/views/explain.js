import { ask } from '../api.js'
import { button, chip, make } from '../elements.js'
import { toDate, toDuration } from '../format.js'
import { closeDialog, openDialog, pairs } from './dialog.js'

/** @import { Candidate, Explanation, Refusal } from '../types.ts' */

const kinds = {
  cookie: 'a Cookie header',
  authorization: 'an Authorization header',
  apiKey: 'an x-api-key header',
  ticket: 'a ticket',
}

/**
 * Why a request was refused, and which route it gets.
 * @param {Refusal} refusal
 */
export async function explain(refusal) {
  /** @type {import('../types.ts').Answer<Explanation>} */
  const answer = await ask(`refusals/${encodeURIComponent(refusal.requestId)}`)
  const close = make('div', { class: 'buttons' }, button('Close', 'quiet', closeDialog))
  const title = `${refusal.method} ${refusal.path}`
  if (!answer.ok) {
    openDialog(title, facts(refusal), make('p', { class: 'wrong' }, answer.detail), close)
  } else openDialog(title, ...explained(refusal, answer.body), close)
}

/**
 * @param {Refusal} refusal
 * @param {Explanation} explanation
 * @returns {readonly (Node | null)[]}
 */
function explained(refusal, { why, route, isSameConfiguration }) {
  const changed = 'The configuration has changed since: the routes are those of now.'
  const said =
    why === null
      ? null
      : make(
          'p',
          {},
          chip(refusal.code ?? '', 'warn'),
          ' ',
          make('strong', {}, why.title),
          `. ${why.detail}`,
        )
  const routing =
    route === null
      ? []
      : [
          make('h3', {}, 'Which route, and why no other'),
          isSameConfiguration ? null : make('p', { class: 'soft' }, changed),
          candidates(route),
        ]
  const command = make('code', {}, `sallyport explain --request-id ${refusal.requestId}`)
  return [
    said,
    facts(refusal),
    ...routing,
    make('p', { class: 'soft' }, 'In a terminal: ', command),
  ]
}

/** @param {Refusal} refusal */
function facts(refusal) {
  const {
    atMs,
    requestId,
    status,
    host,
    address,
    route,
    userId,
    presented,
    credential,
    admissionMs,
    upstreamMs,
    target,
  } = refusal
  const brought = presented
    .map((kind) => kinds[/** @type {keyof typeof kinds} */ (kind)] ?? kind)
    .join(', ')
  const decided = credential === null ? 'nothing was accepted' : `${credential} was accepted`
  /** @type {[string, Node | string][]} */
  const all = [
    ['Time', toDate(atMs)],
    ['Request', make('code', {}, requestId)],
    ['Status', status === null ? 'the client had left' : String(status)],
    ['Host', host === null ? 'none' : make('code', {}, host)],
    ['Client', make('code', {}, address)],
    ['Route', route === null ? 'none' : make('code', {}, route)],
    ['Credential', brought === '' ? 'none came along' : `${brought}; ${decided}`],
    ['User', userId === null ? 'nobody' : make('code', {}, userId)],
    ['Decided after', toDuration(admissionMs)],
  ]
  if (target !== null)
    all.push([
      'Asked',
      `${target}${upstreamMs === null ? ', which gave no answer' : `, answered after ${toDuration(upstreamMs)}`}`,
    ])
  return pairs(all)
}

/** @param {NonNullable<Explanation['route']>} route */
function candidates({ chosen, refusal, runnersUp }) {
  const first =
    chosen === null
      ? make('li', {}, chip('none', 'bad'), ` ${refusal?.detail ?? ''}`)
      : make('li', { class: 'chosen' }, ...named(chosen), make('div', {}, 'gets the request'))
  const others = runnersUp.map((each) =>
    make('li', {}, ...named(each), make('div', { class: 'soft' }, each.reason)),
  )
  return make('ul', { class: 'explained' }, first, ...others)
}

/** @param {Candidate} candidate @returns {readonly Node[]} */
function named({ kind, name, pattern, methods, hosts }) {
  const where = hosts === null ? '' : ` on ${hosts.join(', ')}`
  const what = kind === 'route' ? '' : kind === 'endpoint' ? ' (the gateway itself)' : ' (reserved)'
  return [
    make('strong', {}, name),
    document.createTextNode(`${what} `),
    make('code', {}, pattern),
    make('span', { class: 'soft' }, ` ${methods.join(' ')}${where}`),
  ]
}

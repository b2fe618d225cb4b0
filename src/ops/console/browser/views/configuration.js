import { ask } from '../api.js'
import { cell, chip, fill, make, one, table } from '../elements.js'
import { toDate } from '../format.js'

/** @import { Configuration, Pulse, Reload } from '../types.ts' */

/** What is in force, asked for again whenever it changes. */
export class ConfigurationView {
  constructor() {
    this.shown = ''
  }

  /** @param {Pulse} pulse */
  show({ configuration, lastReload }) {
    const word = JSON.stringify([configuration, lastReload])
    if (word === this.shown) return
    this.shown = word
    void this.load()
  }

  async load() {
    /** @type {import('../types.ts').Answer<Configuration>} */
    const answer = await ask('configuration')
    if (!answer.ok) {
      this.shown = ''
      return
    }
    const { hash, lastReload, routes, yaml } = answer.body
    one('hash').replaceChildren('hash ', make('code', {}, hash))
    const rows = routes.map((row) =>
      make(
        'tr',
        {},
        ...(routes.some(({ host }) => host !== '*') ? [cell('mono', row.host)] : []),
        cell('mono', row.path),
        cell('soft', row.methods),
        cell('', row.auth),
        cell('mono', row.to),
        cell('mono', row.name),
      ),
    )
    const hosts = routes.some(({ host }) => host !== '*') ? ['Host'] : []
    const isOpen = [...one('configuration').querySelectorAll('details')].map(({ open }) => open)
    fill(
      one('configuration'),
      reloadLine(lastReload),
      fold(
        'Routes, in the order in which paths are matched',
        table('Route table', [...hosts, 'Path', 'Methods', 'Auth', 'To', 'Name'], rows),
        isOpen[0] ?? false,
      ),
      fold(
        'Everything that is in force, with secrets masked',
        make('pre', { tabindex: '0' }, yaml),
        isOpen[1] ?? false,
      ),
    )
  }
}

/** @param {Reload | null} reload */
function reloadLine(reload) {
  if (reload === null)
    return make('p', { class: 'soft' }, 'As it was at the start: it has not been read again since.')
  const { at, applied, reason } = reload
  const state = applied ? chip('applied', 'good') : chip('refused', 'bad')
  const line = make(
    'p',
    {},
    'Last read again ',
    toDate(at),
    ' ',
    state,
    applied ? '' : ' The gateway goes on as it was.',
  )
  return reason === null ? line : make('div', {}, line, make('pre', { class: 'reason' }, reason))
}

/**
 * @param {string} title
 * @param {Node} content
 * @param {boolean} isOpen
 */
function fold(title, content, isOpen) {
  const details = make('details', {}, make('summary', {}, title), content)
  details.open = isOpen
  return details
}

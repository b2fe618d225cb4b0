import { button, cell, chip, fill, make, one, table } from '../elements.js'
import { many, toCount, toSeconds } from '../format.js'

/** @import { Model } from '../model.js' */
/** @import { Refusal } from '../types.ts' */

const shownAtFirst = 50

/** The last refusals, filtered, and held still for whoever reads them. */
export class RefusalsView {
  /** @param {(refusal: Refusal) => void} onOpen */
  constructor(onOpen) {
    this.onOpen = onOpen
    /** @type {readonly Refusal[]} */
    this.all = []
    this.max = shownAtFirst
    this.isHeld = false
    this.shown = ''
    this.codes = ''
    this.select = /** @type {HTMLSelectElement} */ (one('code'))
    this.filter = /** @type {HTMLInputElement} */ (one('filter'))
    const hold = one('hold')
    for (const field of [this.select, this.filter]) {
      field.addEventListener('input', () => {
        this.max = shownAtFirst
        this.redraw()
      })
    }
    hold.addEventListener('click', () => {
      this.isHeld = !this.isHeld
      hold.setAttribute('aria-pressed', String(this.isHeld))
    })
  }

  /** @param {Model} model */
  show({ refusals, now }) {
    one('refusals-count').textContent =
      now.refusalCount === 0 ? '' : `${toCount(now.refusalCount)} since the start`
    if (this.isHeld) return
    this.all = refusals
    this.showCodes()
    this.redraw()
  }

  showCodes() {
    const codes = [...new Set(this.all.map(({ code }) => code ?? ''))].sort()
    if (codes.join() === this.codes) return
    this.codes = codes.join()
    const chosen = this.select.value
    const options = codes.map((code) => make('option', { value: code }, code))
    fill(this.select, make('option', { value: '' }, 'all'), ...options)
    if (codes.includes(chosen)) this.select.value = chosen
  }

  redraw() {
    const text = this.filter.value.trim().toLowerCase()
    const code = this.select.value
    const fitting = this.all.filter(
      (each) =>
        (code === '' || each.code === code) && (text === '' || wordsOf(each).includes(text)),
    )
    const shown = fitting.slice(0, this.max)
    const word = JSON.stringify([shown.map(({ number }) => number), fitting.length])
    if (word === this.shown) return
    this.shown = word
    const rest = fitting.length - shown.length
    const more = button(`Show ${toCount(rest)} more`, 'quiet', () => {
      this.max = Infinity
      this.redraw()
    })
    const nothing = make(
      'p',
      { class: 'empty' },
      this.all.length === 0 ? 'Nothing has been refused.' : 'No refusal is like that.',
    )
    const heads = ['Time', 'Code', 'Request', 'Route', 'User', 'Client']
    const whole = table(
      `Last refusals, ${many(shown.length, 'row')}`,
      heads,
      shown.map((each) => this.row(each)),
    )
    fill(
      one('refusals'),
      ...(shown.length === 0 ? [nothing] : [whole]),
      ...(rest > 0 ? [more] : []),
    )
  }

  /** @param {Refusal} refusal */
  row(refusal) {
    const { number, atMs, code, status, method, path, route, userId, address } = refusal
    const open = () => {
      this.onOpen(refusal)
    }
    const label = `${method} ${path === '' ? '(not a path)' : path}`
    const opener = button(label, 'open mono', open, {
      'data-key': `refusal ${number}`,
      'aria-label': `Explain ${label}`,
    })
    return make(
      'tr',
      {},
      cell('tight', toSeconds(atMs)),
      cell('tight', chip(code ?? '', status !== null && status >= 500 ? 'bad' : 'warn')),
      cell('path', opener),
      cell('', route === null ? '' : make('code', {}, route)),
      cell('', userId === null ? '' : make('code', {}, userId)),
      cell('mono', address),
    )
  }
}

/** @param {Refusal} refusal */
function wordsOf({ method, path, userId, requestId, route, address, host }) {
  return `${method} ${path} ${userId ?? ''} ${requestId} ${route ?? ''} ${address} ${host ?? ''}`.toLowerCase()
}

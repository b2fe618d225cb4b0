import { make } from '../elements.js'
import { toSeconds } from '../format.js'

/** @import { ChartData, ChartOptions, Point } from '../types.ts' */

/**
 * What was measured of one series at a moment.
 * @typedef {{ readonly label: string, readonly colour: string, readonly text: string }} Reading
 */

/**
 * What was measured at a moment, without what is hidden or nothing.
 * @param {Point} point
 * @param {ChartData} data
 * @param {ReadonlySet<string>} hidden
 * @param {ChartOptions} options
 * @returns {readonly Reading[]}
 */
export function read({ values }, { series }, hidden, { kind, format }) {
  return series.flatMap(({ label, colour }, index) => {
    const value = values[index] ?? null
    const isNothing = value === null || (kind === 'stack' && value === 0)
    return isNothing || hidden.has(label) ? [] : [{ label, colour, text: format(value) }]
  })
}

/**
 * Says it to assistive technology.
 * @param {HTMLElement} plot
 * @param {readonly Reading[]} readings
 * @param {Point} point
 * @param {ChartData} data
 */
export function describe(plot, readings, { at }, { from, to }) {
  const said = readings.map(({ label, text }) => `${label} ${text}`).join(', ')
  plot.setAttribute('aria-valuemin', String(from))
  plot.setAttribute('aria-valuemax', String(to))
  plot.setAttribute('aria-valuenow', String(at))
  plot.setAttribute('aria-valuetext', `${toSeconds(at)}: ${said === '' ? 'nothing' : said}`)
}

/**
 * Writes it beside the cursor.
 * @param {HTMLElement} tip
 * @param {readonly Reading[]} readings
 * @param {Point} point
 * @param {ChartData} data
 */
export function fillTip(tip, readings, { at }, { stepMs }) {
  const rows = readings.map(({ label, colour, text }) =>
    make('div', {}, make('i', { class: `c-${colour}` }), label, make('b', {}, text)),
  )
  const when = make('p', {}, `${toSeconds(at)} – ${toSeconds(at + stepMs)}`)
  tip.replaceChildren(when, ...(rows.length === 0 ? [make('div', {}, 'nothing')] : rows))
}

import { draw } from '../elements.js'

/** @import { ChartData, Series } from '../types.ts' */

/**
 * Where a moment and a value are drawn.
 * @typedef {object} Area
 * @property {number} left
 * @property {number} right
 * @property {number} bottom
 * @property {(at: number) => number} x
 * @property {(value: number) => number} y
 */

/**
 * A bar for each step, its parts on top of each other.
 * @param {ChartData} data
 * @param {ReadonlySet<string>} hidden labels of series that are not shown
 * @param {Area} area
 * @returns {SVGElement}
 */
export function stacked({ points, series, stepMs }, hidden, area) {
  const group = draw('g')
  for (const { at, values } of points) {
    const left = Math.max(area.left, area.x(at) + 0.75)
    const width = Math.min(area.right, area.x(at + stepMs) - 0.75) - left
    if (width <= 0) continue
    let base = 0
    for (const [index, { label, colour }] of series.entries()) {
      const value = hidden.has(label) ? 0 : (values[index] ?? 0)
      if (value <= 0) continue
      const y = area.y(base + value)
      const height = Math.max(0.75, area.y(base) - y)
      group.append(
        draw('rect', {
          class: `c-${colour}`,
          x: left,
          y,
          width,
          height,
          rx: Math.min(1.5, width / 3),
        }),
      )
      base += value
    }
  }
  return group
}

/**
 * A line for each series, broken where nothing was measured.
 * @param {ChartData} data
 * @param {ReadonlySet<string>} hidden
 * @param {Area} area
 * @returns {SVGElement}
 */
export function lines({ points, series, stepMs }, hidden, area) {
  const group = draw('g')
  for (const [index, { label, colour }] of series.entries()) {
    if (hidden.has(label)) continue
    let path = ''
    let isDown = false
    for (const { at, values } of points) {
      const value = values[index] ?? null
      if (value === null) {
        isDown = false
        continue
      }
      const place = `${area.x(at + stepMs / 2).toFixed(1)} ${area.y(value).toFixed(1)}`
      // A single measurement is a dot: a line of no length with round ends.
      path += isDown ? `L${place}` : `M${place}L${place}`
      isDown = true
    }
    if (path !== '') group.append(draw('path', { class: `line c-${colour}`, d: path }))
  }
  return group
}

/**
 * The highest that is drawn.
 * @param {ChartData} data
 * @param {ReadonlySet<string>} hidden
 * @param {boolean} isStacked
 * @returns {number}
 */
export function highestOf({ points, series }, hidden, isStacked) {
  let highest = 0
  for (const { values } of points) {
    const shown = values.filter((_, index) => !hidden.has(series[index]?.label ?? ''))
    const numbers = shown.map((value) => value ?? 0)
    const height = isStacked
      ? numbers.reduce((sum, each) => sum + each, 0)
      : Math.max(0, ...numbers)
    highest = Math.max(highest, height)
  }
  return highest
}

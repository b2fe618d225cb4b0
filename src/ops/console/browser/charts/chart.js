import { draw, fill, make } from '../elements.js'
import { toClock } from '../format.js'
import { describe, fillTip, read } from './reading.js'
import { minuteTicks, niceScale } from './scale.js'
import { highestOf, lines, stacked } from './shapes.js'

/** @import { ChartData, ChartOptions, Point } from '../types.ts' */

const inset = { left: 50, right: 8, top: 8, bottom: 22 }
const height = 190

/**
 * A chart over time that is read with the pointer and with the arrow keys: to assistive technology it is a slider whose value is what
 * was measured at that moment.
 */
export class Chart {
  /** @param {ChartOptions} options */
  constructor(options) {
    this.options = options
    /** @type {ChartData | null} */
    this.data = null
    /** @type {Set<string>} */
    this.hidden = new Set()
    /** @type {number | null} When the point is that is looked at. */
    this.lookedAt = null
    this.svg = draw('svg', { 'aria-hidden': 'true', focusable: 'false' })
    this.tip = make('div', { class: 'tip', hidden: '' })
    this.plot = make(
      'div',
      { class: 'plot', tabindex: '0', role: 'slider', 'aria-orientation': 'horizontal' },
      this.svg,
      this.tip,
    )
    this.plot.setAttribute('aria-label', `${options.title}, ${options.note}`)
    this.legend = make('div', {
      class: 'legend',
      role: 'group',
      'aria-label': `Series of ${options.title}`,
    })
    const title = make('h3', {}, options.title, make('small', {}, options.note))
    this.element = make('section', { class: 'card chart' }, title, this.plot, this.legend)
    this.listen()
  }

  listen() {
    this.plot.addEventListener('pointermove', (event) => {
      const { left } = this.plot.getBoundingClientRect()
      this.lookNear(event.clientX - left)
    })
    this.plot.addEventListener('pointerleave', () => {
      if (document.activeElement !== this.plot) this.look(null)
    })
    this.plot.addEventListener('blur', () => {
      this.look(null)
    })
    this.plot.addEventListener('keydown', (event) => {
      const moves = {
        ArrowLeft: -1,
        ArrowDown: -1,
        ArrowRight: 1,
        ArrowUp: 1,
        PageDown: -6,
        PageUp: 6,
        Home: -Infinity,
        End: Infinity,
      }
      const move = moves[/** @type {keyof typeof moves} */ (event.key)]
      if (event.key === 'Escape') this.look(null)
      else if (move === undefined) return
      else this.move(move)
      event.preventDefault()
    })
    new ResizeObserver(() => {
      this.redraw()
    }).observe(this.plot)
  }

  /** @param {ChartData} data */
  show(data) {
    const before = this.data?.series.map(({ label }) => label).join()
    this.data = data
    if (before !== data.series.map(({ label }) => label).join()) this.redrawLegend()
    this.redraw()
  }

  redrawLegend() {
    const entries = (this.data?.series ?? []).map(({ label, colour }) => {
      const isShown = !this.hidden.has(label)
      const toggle = make(
        'button',
        { type: 'button', 'aria-pressed': String(isShown), 'data-key': label },
        make('i', { class: `c-${colour}`, 'aria-hidden': 'true' }),
        label,
      )
      toggle.addEventListener('click', () => {
        if (isShown) this.hidden.add(label)
        else this.hidden.delete(label)
        this.redrawLegend()
        this.redraw()
      })
      return toggle
    })
    fill(this.legend, ...entries)
  }

  /** @returns {import('./shapes.js').Area & { readonly width: number, readonly ticks: readonly number[] }} */
  area() {
    const { from, to } = this.data ?? { from: 0, to: 1 }
    const width = Math.max(160, this.plot.clientWidth)
    const right = width - inset.right
    const bottom = this.height() - inset.bottom
    const isStacked = this.options.kind === 'stack'
    const highest = this.data === null ? 0 : highestOf(this.data, this.hidden, isStacked)
    const { top, ticks } = niceScale(highest)
    return {
      ...{ width, ticks, right, bottom, left: inset.left },
      x: (at) => inset.left + ((at - from) / (to - from)) * (right - inset.left),
      y: (value) => bottom - (value / top) * (bottom - inset.top),
    }
  }

  height() {
    return this.svg.clientHeight || height
  }

  redraw() {
    const { data } = this
    if (data === null) return
    const area = this.area()
    const shape = this.options.kind === 'stack' ? stacked : lines
    const isEmpty = data.points.every(({ values }) => values.every((value) => !value))
    const nothing = draw(
      'text',
      {
        class: 'none',
        x: (area.left + area.right) / 2,
        y: area.bottom / 2 + 8,
        'text-anchor': 'middle',
      },
      'Nothing yet',
    )
    this.svg.setAttribute('viewBox', `0 0 ${area.width} ${this.height()}`)
    this.svg.replaceChildren(
      ...this.axes(area),
      shape(data, this.hidden, area),
      ...(isEmpty ? [nothing] : []),
    )
    this.redrawCursor()
  }

  /** @param {ReturnType<Chart['area']>} area */
  axes({ width, ticks, left, right, bottom, x, y }) {
    const { from, to } = this.data ?? { from: 0, to: 1 }
    const values = ticks.map((value) => {
      const line = draw('line', {
        class: value === 0 ? 'axis-line' : 'grid-line',
        x1: left,
        x2: right,
        y1: y(value),
        y2: y(value),
      })
      return draw(
        'g',
        {},
        line,
        draw(
          'text',
          { x: left - 7, y: y(value) + 4, 'text-anchor': 'end' },
          this.options.format(value),
        ),
      )
    })
    const times = minuteTicks(from, to, width < 420 ? 4 : 7)
      .filter((at) => x(at) > left + 12 && x(at) < right - 12)
      .map((at) => draw('text', { x: x(at), y: bottom + 16, 'text-anchor': 'middle' }, toClock(at)))
    return [...values, ...times]
  }

  /** @param {number} x within the plot */
  lookNear(x) {
    const { data } = this
    if (data === null || data.points.length === 0) return
    const area = this.area()
    const distance = (/** @type {Point} */ point) =>
      Math.abs(area.x(point.at + data.stepMs / 2) - x)
    const nearest = data.points.reduce((best, each) =>
      distance(each) < distance(best) ? each : best,
    )
    this.look(nearest.at)
  }

  /** @param {number} by */
  move(by) {
    const points = this.data?.points ?? []
    const now = points.findIndex(({ at }) => at === this.lookedAt)
    const last = points.length - 1
    // The first key looks at the end, where things happen.
    const wanted = now !== -1 || !Number.isFinite(by) ? Math.max(now, 0) + by : last
    this.look(points[Math.min(last, Math.max(0, wanted))]?.at ?? null)
  }

  /** @param {number | null} at */
  look(at) {
    this.lookedAt = at
    this.redrawCursor()
  }

  redrawCursor() {
    const { data } = this
    this.svg.querySelector('.cursor')?.remove()
    const index = data?.points.findIndex(({ at }) => at === this.lookedAt) ?? -1
    const point = data?.points[index] ?? data?.points.at(-1)
    if (data === null || point === undefined) return
    const readings = read(point, data, this.hidden, this.options)
    // Whoever has it in focus and looks at nothing is not told each second.
    const isTold = index !== -1 || document.activeElement !== this.plot
    if (isTold) describe(this.plot, readings, point, data)
    this.tip.hidden = index === -1
    if (index === -1) return
    const area = this.area()
    const x = area.x(point.at + data.stepMs / 2)
    this.svg.append(draw('line', { class: 'cursor', x1: x, x2: x, y1: inset.top, y2: area.bottom }))
    fillTip(this.tip, readings, point, data)
    const isLeft = x > area.width / 2
    this.tip.style.left = isLeft ? 'auto' : `${x + 10}px`
    this.tip.style.right = isLeft ? `${area.width - x + 10}px` : 'auto'
  }
}

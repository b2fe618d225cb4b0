import { toDuration, toShort } from '../format.js'
import { Chart } from './chart.js'

/** @import { ChartData, Percentiles, Series, Step } from '../types.ts' */

const barCount = 60
/** @type {readonly Series[]} In the order in which the gateway counts. */
const outcomeSeries = [
  { label: 'answered', colour: 'ok' },
  { label: '4xx of FastAPI', colour: 'client' },
  { label: '5xx of FastAPI', colour: 'server' },
  { label: 'refused by the gateway', colour: 'refused' },
  { label: 'client left', colour: 'left' },
]
const codeColours = ['one', 'two', 'three', 'four', 'five', 'six']
/** @type {readonly Series[]} */
const percentileSeries = [
  { label: 'p50', colour: 'low' },
  { label: 'p95', colour: 'mid' },
  { label: 'p99', colour: 'high' },
]

/** The four charts of the console. */
export class TrafficCharts {
  constructor() {
    const perSecond = (/** @type {number} */ value) => `${toShort(value)}/s`
    const perMinute = (/** @type {number} */ value) => `${toShort(value)}/min`
    this.outcomes = new Chart({
      title: 'Requests',
      note: 'per second, by what became of them',
      kind: 'stack',
      format: perSecond,
    })
    this.refusals = new Chart({
      title: 'Refusals',
      note: 'per minute, by code',
      kind: 'stack',
      format: perMinute,
    })
    this.added = new Chart({
      title: 'Added by the gateway',
      note: 'before FastAPI is asked',
      kind: 'lines',
      format: toDuration,
    })
    this.upstream = new Chart({
      title: 'FastAPI',
      note: 'until the head of its answer',
      kind: 'lines',
      format: toDuration,
    })
    /** @type {string[]} Codes that have a colour of their own, which they keep. */
    this.coloured = []
    this.elements = [this.outcomes, this.refusals, this.added, this.upstream].map(
      ({ element }) => element,
    )
  }

  /**
   * @param {readonly Step[]} steps oldest first
   * @param {number} stepMs
   * @param {number} to milliseconds since the epoch
   * @param {number} spanMs
   */
  show(steps, stepMs, to, spanMs) {
    const barMs = Math.max(stepMs, spanMs / barCount)
    const end = Math.ceil(to / barMs) * barMs
    const from = end - spanMs
    const seen = steps.filter(({ at }) => at >= from && at < end)
    const bars = gather(seen, barMs)
    const frame = { from, to: end }
    const seconds = barMs / 1000
    this.outcomes.show({
      ...{ ...frame, stepMs: barMs, series: outcomeSeries },
      points: bars.map(({ at, requests }) => ({
        at,
        values: requests.map((count) => count / seconds),
      })),
    })
    this.refusals.show({ ...frame, ...byCode(bars, barMs, this.coloured) })
    this.added.show({ ...frame, ...latency(seen, stepMs, 'added') })
    this.upstream.show({ ...frame, ...latency(seen, stepMs, 'upstream') })
  }
}

/**
 * Adds steps up to bars.
 * @param {readonly Step[]} steps
 * @param {number} barMs
 * @returns {readonly Pick<Step, 'at' | 'requests' | 'refusals'>[]}
 */
function gather(steps, barMs) {
  /** @type {Map<number, { at: number, requests: number[], refusals: Record<string, number> }>} */
  const bars = new Map()
  for (const { at, requests, refusals } of steps) {
    const start = Math.floor(at / barMs) * barMs
    const bar = bars.get(start) ?? { at: start, requests: requests.map(() => 0), refusals: {} }
    bars.set(start, bar)
    for (const [index, count] of requests.entries())
      bar.requests[index] = (bar.requests[index] ?? 0) + count
    for (const [code, count] of Object.entries(refusals))
      bar.refusals[code] = (bar.refusals[code] ?? 0) + count
  }
  return [...bars.values()]
}

/**
 * The codes that came first have colours, the most frequent before the others; the rest share one.
 * @param {readonly Pick<Step, 'at' | 'refusals'>[]} bars
 * @param {number} barMs
 * @param {string[]} coloured is added to
 * @returns {Pick<ChartData, 'series' | 'points' | 'stepMs'>}
 */
function byCode(bars, barMs, coloured) {
  /** @type {Map<string, number>} */
  const sums = new Map()
  for (const { refusals } of bars) {
    for (const [code, count] of Object.entries(refusals))
      sums.set(code, (sums.get(code) ?? 0) + count)
  }
  const all = [...sums].sort(([, a], [, b]) => b - a).map(([code]) => code)
  for (const code of all) {
    if (!coloured.includes(code) && coloured.length < codeColours.length) coloured.push(code)
  }
  const named = coloured.filter((code) => all.includes(code))
  const rest = all.filter((code) => !named.includes(code))
  const colourOf = (/** @type {string} */ code) => codeColours[coloured.indexOf(code)] ?? 'rest'
  const series = named.map((label) => ({ label, colour: colourOf(label) }))
  if (rest.length > 0) series.push({ label: 'others', colour: 'rest' })
  const perMinute = 60_000 / barMs
  const points = bars.map(({ at, refusals }) => {
    const values = named.map((code) => (refusals[code] ?? 0) * perMinute)
    if (rest.length > 0)
      values.push(rest.reduce((sum, code) => sum + (refusals[code] ?? 0), 0) * perMinute)
    return { at, values }
  })
  return { series, points, stepMs: barMs }
}

/**
 * @param {readonly Step[]} steps
 * @param {number} stepMs
 * @param {'added' | 'upstream'} which
 * @returns {Pick<ChartData, 'series' | 'points' | 'stepMs'>}
 */
function latency(steps, stepMs, which) {
  /** @type {(percentiles: Percentiles | null) => readonly (number | null)[]} */
  const valuesOf = (percentiles) => percentiles ?? [null, null, null]
  const points = steps.map((step) => ({ at: step.at, values: valuesOf(step[which]) }))
  return { series: percentileSeries, points, stepMs }
}

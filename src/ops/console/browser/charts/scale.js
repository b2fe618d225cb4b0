/**
 * The top of an axis that holds a value, and its steps: 1, 2, 2.5 or 5 times a power of ten.
 * @param {number} highest
 * @returns {{ readonly top: number, readonly ticks: readonly number[] }}
 */
export function niceScale(highest) {
  const wanted = highest > 0 ? highest / 3 : 1 / 3
  const power = 10 ** Math.floor(Math.log10(wanted))
  const step =
    [1, 2, 2.5, 5, 10].map((times) => times * power).find((each) => each >= wanted) ?? power * 10
  const count = Math.max(1, Math.ceil(highest / step - 1e-9))
  const ticks = Array.from({ length: count + 1 }, (_, index) =>
    Number((index * step).toPrecision(6)),
  )
  return { top: count * step, ticks }
}

/**
 * Whole minutes in a span of time, a few of them.
 * @param {number} from milliseconds since the epoch
 * @param {number} to
 * @param {number} max how many there is room for
 * @returns {readonly number[]}
 */
export function minuteTicks(from, to, max) {
  const minutes = (to - from) / 60_000
  const every = [1, 2, 5, 10, 15, 20, 30].find((step) => minutes / step <= max) ?? 60
  const stepMs = every * 60_000
  const ticks = []
  for (let at = Math.ceil(from / stepMs) * stepMs; at <= to; at += stepMs) ticks.push(at)
  return ticks
}

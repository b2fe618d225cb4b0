const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
})
const seconds = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
})
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const plain = new Intl.NumberFormat('en')

/** @param {number} at @returns {string} */
export const toClock = (at) => clock.format(at)
/** @param {number} at @returns {string} */
export const toSeconds = (at) => seconds.format(at)
/** @param {number} at @returns {string} */
export const toDate = (at) => whole.format(at)
/** @param {number} count @returns {string} */
export const toCount = (count) => plain.format(count)

/**
 * @param {number} value
 * @returns {string} with three digits at most
 */
export function toShort(value) {
  if (value >= 1_000_000) return `${trim(value / 1_000_000)} M`
  if (value >= 10_000) return `${trim(value / 1000)} k`
  return trim(value)
}

/** @param {number} value */
function trim(value) {
  if (value === 0) return '0'
  return value >= 100 ? plain.format(Math.round(value)) : String(Number(value.toPrecision(3)))
}

/**
 * @param {number} ms
 * @returns {string}
 */
export function toDuration(ms) {
  if (ms === 0) return '0 ms'
  if (ms < 1) return `${trim(ms * 1000)} µs`
  return ms < 1000 ? `${trim(ms)} ms` : `${trim(ms / 1000)} s`
}

/**
 * How long something has been so.
 * @param {number} ms
 * @returns {string}
 */
export function toAge(ms) {
  const age = Math.max(0, Math.round(ms / 1000))
  if (age < 60) return `${age} s`
  if (age < 3600) return `${Math.floor(age / 60)} min`
  if (age < 86_400) return `${Math.floor(age / 3600)} h ${Math.floor((age % 3600) / 60)} min`
  return `${Math.floor(age / 86_400)} d ${Math.floor((age % 86_400) / 3600)} h`
}

/**
 * @param {number} count
 * @param {string} word
 * @returns {string}
 */
export function many(count, word) {
  return `${toCount(count)} ${word}${count === 1 ? '' : 's'}`
}

import { fill, make, one } from '../elements.js'
import { many, toAge, toCount, toDuration, toShort } from '../format.js'

/** @import { Model } from '../model.js' */
/** @import { Percentiles, Step, Upstream } from '../types.ts' */

const refusedIndex = 3

/** @param {Model} model */
export function showTiles(model) {
  const minute = model.lately(60_000)
  const five = model.lately(300_000)
  const { live, upstreams, at } = model.now
  const spanMs = Math.min(60_000, Math.max(model.state.stepMs, at - model.state.startedAt))
  const refused = five.reduce((sum, { requests }) => sum + (requests[refusedIndex] ?? 0), 0)
  const all = totalOf(five)
  const targets = upstreams.flatMap((upstream) => upstream.targets)
  const sound = targets.filter(({ state }) => state === 'sound').length
  const isOpen = upstreams.some(({ breaker }) => breaker !== null && breaker !== 'closed')
  fill(
    one('tiles'),
    tile('Requests', `${toShort(totalOf(minute) / (spanMs / 1000))}`, '/s', 'over the last minute'),
    tile(
      'Refused',
      all === 0 ? '0' : toShort((100 * refused) / all),
      '%',
      `${toCount(refused)} of ${toCount(all)} in 5 min`,
    ),
    latency('Added, p95', minute, 'added'),
    latency('FastAPI, p95', minute, 'upstream'),
    tile('Live', toCount(live.total), '', `of ${many(live.users, 'user')}`),
    tile(
      'Targets',
      `${sound}`,
      `of ${targets.length}`,
      noteOf(upstreams, `up for ${toAge(at - model.state.startedAt)}`),
      sound < targets.length || isOpen,
    ),
  )
}

/**
 * What is wrong first.
 * @param {readonly Upstream[]} upstreams
 * @param {string} otherwise
 */
function noteOf(upstreams, otherwise) {
  const broken = upstreams.find(({ breaker }) => breaker === 'open' || breaker === 'half-open')
  if (broken !== undefined) return `breaker of ${broken.name} is ${broken.breaker}`
  const failing = upstreams.flatMap(({ name, targets }) =>
    targets.filter(({ state }) => state !== 'sound').map(({ state }) => `${name}: one is ${state}`),
  )
  return failing[0] ?? otherwise
}

/** @param {readonly Step[]} steps */
function totalOf(steps) {
  return steps.reduce((sum, { requests }) => sum + requests.reduce((a, b) => a + b, 0), 0)
}

/**
 * @param {string} title
 * @param {readonly Step[]} steps
 * @param {'added' | 'upstream'} which
 */
function latency(title, steps, which) {
  /** @type {Percentiles | null} */
  const last = steps.findLast((step) => step[which] !== null)?.[which] ?? null
  if (last === null) return tile(title, '–', '', 'nothing in the last minute')
  const [value = '', unit = ''] = toDuration(last[1]).split(' ')
  return tile(title, value, unit, `p50 ${toDuration(last[0])} · p99 ${toDuration(last[2])}`)
}

/**
 * @param {string} title
 * @param {string} value
 * @param {string} unit
 * @param {string} note
 * @param {boolean} [isBad]
 */
function tile(title, value, unit, note, isBad = false) {
  const small = unit === '' ? null : make('small', {}, ` ${unit}`)
  return make(
    'div',
    { class: isBad ? 'tile bad' : 'tile' },
    make('dt', {}, title),
    make('dd', {}, value, small),
    make('dd', { class: 'note' }, note),
  )
}

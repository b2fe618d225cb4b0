import { cell, chip, draw, fill, make, one, table } from '../elements.js'
import { toCount, toShort } from '../format.js'

/** @import { RouteTraffic, Upstream } from '../types.ts' */

const shownRoutes = 8

/** @param {readonly Upstream[]} upstreams */
export function showUpstreams(upstreams) {
  fill(one('upstreams'), ...upstreams.map(toUpstream))
}

/** @param {Upstream} upstream */
function toUpstream({ name, inFlight, maxInFlight, breaker, targets }) {
  const state =
    breaker === null
      ? chip('no breaker')
      : chip(
          `breaker ${breaker}`,
          breaker === 'closed' ? 'good' : breaker === 'open' ? 'bad' : 'warn',
        )
  const load = make(
    'span',
    { class: 'soft' },
    `${toCount(inFlight)} of ${toCount(maxInFlight)} in flight`,
  )
  const items = targets.map(({ origin, state: fares, inFlight: pending, isChecked }) =>
    make(
      'li',
      {},
      make('code', {}, origin),
      make(
        'span',
        { class: 'soft' },
        `${toCount(pending)} in flight${isChecked ? ', health checked' : ''}`,
      ),
      chip(fares, fares === 'sound' ? 'good' : 'bad'),
    ),
  )
  return make(
    'div',
    { class: 'upstream' },
    make('div', { class: 'bar' }, make('h3', {}, name), state, load),
    make('ul', { class: 'targets' }, ...items),
  )
}

/** @param {readonly RouteTraffic[]} routes the busiest first */
export function showRoutes(routes) {
  if (routes.length === 0) {
    fill(one('busiest'), make('p', { class: 'empty' }, 'No request has chosen a route yet.'))
    return
  }
  const most = routes[0]?.requests ?? 1
  const rows = routes
    .slice(0, shownRoutes)
    .map(({ route, requests, refused }) =>
      make(
        'tr',
        {},
        cell('', make('code', {}, route)),
        cell('', bar(requests / most)),
        cell('number', toCount(requests)),
        cell('number', refused === 0 ? '–' : `${toShort((100 * refused) / requests)} %`),
      ),
    )
  const heads = [
    'Route',
    { text: 'Share', kind: '' },
    { text: 'Requests', kind: 'number' },
    { text: 'Refused', kind: 'number' },
  ]
  fill(one('busiest'), table('Busiest routes', heads, rows))
}

/** @param {number} share 0 to 1 */
function bar(share) {
  const svg = draw('svg', {
    class: 'share',
    viewBox: '0 0 100 6',
    preserveAspectRatio: 'none',
    'aria-hidden': 'true',
  })
  svg.append(draw('rect', { width: Math.max(1, share * 100), height: 6, rx: 3 }))
  return svg
}

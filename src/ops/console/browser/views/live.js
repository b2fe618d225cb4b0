import { button, cell, chip, fill, make, one, table } from '../elements.js'
import { many, toAge, toCount } from '../format.js'

/** @import { Connection, Live, Target } from '../types.ts' */

const kinds = { websocket: 'WebSocket', 'event-stream': 'Event stream' }

/** Who has what open. Rows stay as they are while nothing but their age changes. */
export class LiveView {
  /** @param {(target: Target) => void} onEnd somebody wants something to be ended */
  constructor(onEnd) {
    this.onEnd = onEnd
    this.shown = ''
  }

  /**
   * @param {Live} live
   * @param {number} now
   * @param {boolean} canRevoke
   */
  show(live, now, canRevoke) {
    const { total, users, shown } = live
    const more = total > shown.length ? `, the newest ${toCount(shown.length)} are shown` : ''
    one('live-count').textContent =
      total === 0 ? '' : `${many(total, 'connection')} of ${many(users, 'user')}${more}`
    const word = JSON.stringify([shown, canRevoke])
    if (word !== this.shown) {
      this.shown = word
      this.redraw(shown, canRevoke)
    }
    for (const age of one('live').querySelectorAll('[data-since]')) {
      if (age instanceof HTMLElement) age.textContent = toAge(now - Number(age.dataset.since))
    }
  }

  /**
   * @param {readonly Connection[]} shown
   * @param {boolean} canRevoke
   */
  redraw(shown, canRevoke) {
    if (shown.length === 0) {
      fill(one('live'), make('p', { class: 'empty' }, 'No WebSocket and no event stream is open.'))
      return
    }
    /** @type {Map<string | null, Connection[]>} */
    const byUser = new Map()
    for (const each of shown) byUser.set(each.userId, [...(byUser.get(each.userId) ?? []), each])
    const rows = [...byUser].flatMap(([user, connections]) => [
      this.group(user, connections, canRevoke),
      ...connections.map((each) => this.member(each, canRevoke)),
    ])
    const heads = ['Connection', 'Route', 'Open for', 'Client', { text: '', kind: 'end' }]
    fill(one('live'), table('Live connections', heads, rows))
  }

  /**
   * @param {string | null} user
   * @param {readonly Connection[]} connections
   * @param {boolean} canRevoke
   */
  group(user, connections, canRevoke) {
    const oldest = Math.min(...connections.map(({ openedAtMs }) => openedAtMs))
    const name = user === null ? make('em', {}, 'nobody, on open routes') : make('code', {}, user)
    const end = () => {
      this.onEnd({ user: user ?? '', open: connections.length })
    }
    const control =
      user === null || !canRevoke
        ? null
        : button('End all sessions', 'quiet danger', end, {
            'data-key': `user ${user}`,
            'aria-label': `End all sessions of ${user}`,
          })
    return make(
      'tr',
      { class: 'group' },
      cell('', name),
      cell('', many(connections.length, 'connection')),
      cell('tight', make('span', { 'data-since': String(oldest) })),
      cell('', ''),
      cell('end', control),
    )
  }

  /**
   * @param {Connection} connection
   * @param {boolean} canRevoke
   */
  member({ kind, route, openedAtMs, client, userId, sessionId, isByKey }, canRevoke) {
    const by = isByKey
      ? chip('API key')
      : sessionId === null && userId !== null
        ? chip('token')
        : null
    const session = sessionId ?? ''
    const end = () => {
      this.onEnd({ session, of: userId, open: 1 })
    }
    const control =
      session === '' || !canRevoke
        ? null
        : button('End session', 'quiet', end, {
            'data-key': `session ${session} ${openedAtMs}`,
            'aria-label': `End session ${session}`,
          })
    return make(
      'tr',
      { class: 'member' },
      cell('tight', kinds[kind], ' ', by),
      cell(
        '',
        route === null
          ? make('span', { class: 'soft' }, 'the page itself')
          : make('code', {}, route),
      ),
      cell('tight', make('span', { 'data-since': String(openedAtMs) })),
      cell('mono', client),
      cell('end', control),
    )
  }
}

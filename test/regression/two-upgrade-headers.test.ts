import t from 'tap'
import { isWebSocket, readHead } from '../../src/head.ts'
import { startRawBackend } from '../helper/backend.ts'
import { signUp, startGateway } from '../helper/gateway.ts'
import { tell } from '../gateway/hostile/wire.ts'

// The attack: two Upgrade headers. The listener joined them, saw `websocket` among them and handed the socket over; the road
// looked at the first one only and saw an ordinary GET. A route that takes no WebSocket connections was so tunnelled, and the
// check of the Origin that every handshake needs was skipped.
t.test('two Upgrade headers are no way around the route or the Origin check', async (t) => {
  let arrived = 0
  const upstream = await startRawBackend(t, (socket) => {
    arrived += 1
    socket.end('HTTP/1.1 204 No Content\r\n\r\n')
  })
  const gateway = await startGateway(t, {
    upstream,
    routes: `
  - { name: open, match: { path: /open/* }, upstream: api, auth: none }
  - { name: live, match: { path: /live/* }, upstream: api, websocket: true }`,
  })
  const { cookie } = await signUp(gateway)
  const shake = (path: string, upgrades: readonly string[], more = ''): Promise<string> => {
    const lines = upgrades.map((each) => `Upgrade: ${each}\r\n`).join('')
    return tell(
      t,
      gateway.url,
      `GET ${path} HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\n${lines}${more}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    )
  }
  for (const upgrades of [
    ['h2c', 'websocket'],
    ['websocket', 'h2c'],
    ['x', 'WebSocket'],
    ['h2c, websocket'],
  ]) {
    const there = upgrades.join(' and ')
    t.match(await shake('/open/x', upgrades), /^HTTP\/1\.1 400 [^]*"code":"upgrade_not_/, there)
    const foreign = `Cookie: ${cookie}\r\nOrigin: https://evil.test\r\n`
    const text = await shake('/live/x', upgrades, foreign)
    t.match(
      text,
      /^HTTP\/1\.1 (?:400|403|101) [^]*(?:origin_rejected|upgrade_not_|malformed)/,
      there,
    )
  }
  t.equal(arrived, 0)
})

t.test('the road sees every Upgrade header that the listener sees', async (t) => {
  const head = readHead('GET', '/', [
    'Upgrade',
    'h2c',
    'Connection',
    'Upgrade',
    'upgrade',
    'websocket',
  ])
  t.ok(isWebSocket(head))
})

import type { IncomingMessage } from 'node:http'

/**
 * Headers that say that somebody forwards for somebody else: then the connection is from this machine, and who asks may be anywhere.
 * `x-request-id` and `traceparent` are not among them, because clients send them too.
 */
const forwarding =
  /^(?:forwarded|via|x-(?:forwarded|original|envoy|real|client|cluster|proxy)(?:-.*)?|true-client-ip|cf-.*)$/

/**
 * Whether a request comes from this machine and nowhere else, as far as can be seen: connection and listener are on loopback, `Host` is a
 * loopback name (a page elsewhere whose name was pointed at 127.0.0.1 names itself there), and no proxy has had it in its hands.
 * Not checked: which user of the machine it is.
 */
export function isLocal(
  { socket, headers, rawHeaders }: IncomingMessage,
  listensLocally: boolean,
): boolean {
  if (!listensLocally || !isLoopback(socket.remoteAddress ?? '')) return false
  if (Object.keys(headers).some((name) => forwarding.test(name))) return false
  const hosts = rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === 'host')
  return hosts.length === 1 && isLoopbackHost(headers.host ?? '')
}

/** @param address as sockets tell it */
export function isLoopback(address: string): boolean {
  return /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/i.test(address) || address === '::1'
}

/** A `Host` that resolvers keep on this machine (RFC 6761 §6.3), with any port: tunnels end on another one. */
function isLoopbackHost(host: string): boolean {
  return /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d{1,5})?$/i.test(host)
}

/**
 * Whether a request may have been made by a page that is not ours. `same-site` is not ours either: to browsers, every port of a host is
 * the same site. Where a browser says nothing of it (plain http away from loopback, or an old one), `Origin` must be ours if it is there.
 */
export function isFromElsewhere({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const { origin, host = '' } = headers
  if (origin === undefined) return false
  return URL.canParse(origin) ? new URL(origin).host !== host.toLowerCase() : true
}

/** Whether a browser says that our own page has made the request; asked after `isFromElsewhere`. */
export function isFromOurPage({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site']
  return site === undefined ? headers.origin !== undefined : site === 'same-origin'
}

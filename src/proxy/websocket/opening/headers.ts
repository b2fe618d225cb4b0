/** Headers that belong to one handshake; one has no body. @param name in lower case */
export function isOfHandshake(name: string): boolean {
  return name.startsWith('sec-websocket-') || name === 'content-length'
}

/**
 * The headers of a handshake for FastAPI, in their order. Version, key, `Connection` and `Upgrade` are written by `ws`.
 * @param flat as the header rules wrote them, names in lower case
 * @param protocols as the client offers them
 */
export function toHandshakeHeaders(
  flat: readonly string[],
  protocols: readonly string[],
): Record<string, string | string[]> {
  const headers = Object.create(null) as Record<string, string | string[]>
  for (let index = 0; index < flat.length; index += 2) {
    const name = flat[index] ?? ''
    const value = flat[index + 1] ?? ''
    if (isOfHandshake(name)) continue
    const before = headers[name]
    if (before === undefined) headers[name] = value
    // As Node would write them (RFC 9113 §8.2.3), and whoever wants to know what is written looks here.
    else headers[name] = name === 'cookie' ? `${String(before)}; ${value}` : [before, value].flat()
  }
  if (protocols.length > 0) headers['sec-websocket-protocol'] = protocols.join(', ')
  return headers
}

/**
 * The value of a parameter of the pattern that a path was matched with: the segment at its place, decoded once, which is what
 * Starlette hands to an endpoint. Null where the pattern has no such parameter, or the path is shorter than the pattern.
 *
 * Not checked: that the path matches.
 */
export function parameterOf(pattern: string, name: string, path: string): string | null {
  const place = pattern.split('/').indexOf(`{${name}}`)
  return place === -1 ? null : (path.split('/')[place] ?? null)
}

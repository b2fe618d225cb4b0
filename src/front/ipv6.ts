/**
 * The eight groups of an IPv6 address in any of its spellings (RFC 4291 §2.2): compressed, with leading zeros, in capitals, with an IPv4
 * address at its end, with a zone. What is not checked: that it is one.
 */
export function groupsOf(address: string): readonly number[] {
  const [bare = ''] = address.split('%')
  const [left = '', right] = bare.split('::')
  const head = readGroups(left)
  if (right === undefined) return head
  const tail = readGroups(right)
  const zeros = new Array<number>(Math.max(0, 8 - head.length - tail.length)).fill(0)
  return [...head, ...zeros, ...tail]
}

function readGroups(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [a * 256 + b, c * 256 + d]
  })
}

/** The IPv4 address that an IPv4-mapped one stands for (RFC 4291 §2.5.5.2), or null. */
export function mappedIpv4(groups: readonly number[]): string | null {
  const isMapped = groups.every((group, index) => index > 5 || group === (index === 5 ? 0xffff : 0))
  const [high = 0, low = 0] = groups.slice(6)
  return isMapped ? [high >> 8, high & 255, low >> 8, low & 255].join('.') : null
}

/**
 * The paths of the leaves in which two values differ, such as `server.limits.connections`. A list of texts is one leaf, and its
 * order does not count; a list of anything else is compared item by item.
 */
export function differences(before: unknown, after: unknown): readonly string[] {
  return [...new Set(walk(before, after, ''))]
}

function walk(a: unknown, b: unknown, path: string): string[] {
  if (Object.is(a, b)) return []
  if (!isBranch(a) || !isBranch(b) || Array.isArray(a) !== Array.isArray(b)) {
    return isSameSet(a, b) ? [] : [path]
  }
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].flatMap((key) => walk(a[key], b[key], path === '' ? key : `${path}.${key}`))
}

function isBranch(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !isTexts(value)
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

function isSameSet(a: unknown, b: unknown): boolean {
  if (!isTexts(a) || !isTexts(b)) return false
  return a.length === b.length && a.every((each) => b.includes(each))
}

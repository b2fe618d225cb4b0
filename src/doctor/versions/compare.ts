/**
 * Compares two versions (Semantic Versioning 2.0.0 §11): negative where `a` comes before `b`. What is no version comes first.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)]
  for (let index = 0; index < 3; index += 1) {
    const difference = (left.numbers[index] ?? -1) - (right.numbers[index] ?? -1)
    if (difference !== 0) return difference
  }
  return comparePreReleases(left.preRelease, right.preRelease)
}

interface Version {
  readonly numbers: readonly number[]
  /** Empty for a release. */
  readonly preRelease: readonly string[]
}

function parse(text: string): Version {
  const match = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$/.exec(text)
  if (match === null) return { numbers: [], preRelease: [] }
  const [, major, minor, patch, preRelease] = match
  return {
    numbers: [Number(major), Number(minor), Number(patch)],
    preRelease: preRelease?.split('.') ?? [],
  }
}

/** A pre-release comes before its release. */
function comparePreReleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = compareIdentifiers(a[index], b[index])
    if (difference !== 0) return difference
  }
  return 0
}

function compareIdentifiers(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0
  if (a === undefined) return -1
  if (b === undefined) return 1
  const [left, right] = [a, b].map((text) => (/^\d+$/.test(text) ? Number(text) : null))
  if (typeof left === 'number' && typeof right === 'number') return left - right
  if (typeof left === 'number') return -1
  if (typeof right === 'number') return 1
  return a < b ? -1 : 1
}

/** How values of a configuration are written in the file, for sentences. */

const durationUnits = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

const sizeUnits = [
  ['GB', 1024 ** 3],
  ['MB', 1024 ** 2],
  ['KB', 1024],
] as const

/** @param ms whole milliseconds */
export function duration(ms: number): string {
  return inLargest(ms, durationUnits, 'ms')
}

/** @param bytes a kilobyte is 1024 of them */
export function size(bytes: number): string {
  return inLargest(bytes, sizeUnits, 'B')
}

function inLargest(
  amount: number,
  units: readonly (readonly [string, number])[],
  finest: string,
): string {
  if (amount === 0) return '0'
  for (const [unit, factor] of units) {
    if (amount % factor === 0) return `${amount / factor}${unit}`
  }
  return `${amount}${finest}`
}

export function list(values: readonly string[]): string {
  return values.join(', ')
}

/** What is in the second list and not in the first. */
export function added(before: readonly string[], after: readonly string[]): readonly string[] {
  return after.filter((value) => !before.includes(value))
}

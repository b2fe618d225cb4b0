import type { Parsed } from './parsed.ts'

const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

const sizeUnits: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
}

/** Patterns of the same syntax for the JSON Schema. */
export const durationPattern = '^(0|[0-9]+(\\.[0-9]+)?(ms|s|m|h|d))$'
export const sizePattern = '^(0|[0-9]+(\\.[0-9]+)?(B|KB|MB|GB))$'
export const percentagePattern = '^[0-9]+(\\.[0-9]+)?%$'

/** Reads `500ms`, `30s`, `10m`, `2h`, `7d` or `0` as whole milliseconds. */
export function parseDuration(text: string | number): Parsed<number> {
  return parseQuantity(text, durationUnits, {
    example: 'a duration such as 500ms, 30s, 10m, 2h or 7d',
    finest: 'a millisecond',
  })
}

/** Reads `256KB`, `1MB` or `0` as bytes; a kilobyte is 1024 bytes. */
export function parseSize(text: string | number): Parsed<number> {
  return parseQuantity(text, sizeUnits, {
    example: 'a size such as 512B, 256KB, 1MB or 1GB',
    finest: 'a byte',
  })
}

/** Reads `50%` as a share: 0.5. Not checked: whether it is at most 1. */
export function parsePercentage(text: string | number): Parsed<number> {
  const amount = /^(\d+(?:\.\d+)?)%$/.exec(String(text))?.[1]
  return amount === undefined
    ? { problem: 'expected a percentage such as 50%' }
    : { value: Number(amount) / 100 }
}

function parseQuantity(
  text: string | number,
  units: Readonly<Record<string, number>>,
  words: { readonly example: string; readonly finest: string },
): Parsed<number> {
  if (text === 0 || text === '0') return { value: 0 }
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(String(text))
  const [, amount = '', unit = ''] = match ?? []
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined
  if (match !== null && unit === '')
    return { problem: `the unit is missing: write ${words.example}` }
  if (factor === undefined) return { problem: `expected ${words.example}` }
  const exact = Number(amount) * factor
  const value = Math.round(exact)
  if (!Number.isSafeInteger(value)) return { problem: 'the number is too large' }
  // 1.1s is 1100.0000000000002 in binary: rounding noise, unlike 0.5ms.
  if (Math.abs(exact - value) > 1e-6) return { problem: `finer than ${words.finest}` }
  return { value }
}

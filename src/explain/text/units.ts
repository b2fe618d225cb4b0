/** A duration as the configuration writes it: `30s`, `15m`, `7d`. */
export function duration(ms: number): string {
  if (ms === Infinity) return 'for ever'
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const
  const fitting = units.find(([, size]) => ms >= size && ms % size === 0)
  if (fitting !== undefined) return `${String(ms / fitting[1])}${fitting[0]}`
  return ms < 1000 ? `${String(Math.round(ms))}ms` : `${String(Math.round(ms / 1000))}s`
}

/** A size as the configuration writes it; a kilobyte is 1024 bytes. */
export function size(bytes: number): string {
  const units = [
    ['GB', 1024 ** 3],
    ['MB', 1024 ** 2],
    ['KB', 1024],
  ] as const
  const fitting = units.find(([, size]) => bytes >= size && bytes % size === 0)
  return fitting === undefined ? `${String(bytes)}B` : `${String(bytes / fitting[1])}${fitting[0]}`
}

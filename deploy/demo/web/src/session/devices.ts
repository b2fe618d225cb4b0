/** What a `User-Agent` says in a few words, as far as people need to tell their devices apart. */
export function nameDevice(userAgent: string | null): string {
  if (userAgent === null || userAgent === '') return 'A program'
  const browser = first(userAgent, [
    ['Edg/', 'Edge'],
    ['OPR/', 'Opera'],
    ['Firefox/', 'Firefox'],
    ['HeadlessChrome/', 'Chrome'],
    ['Chrome/', 'Chrome'],
    ['Safari/', 'Safari'],
    ['curl/', 'curl'],
  ])
  const system = first(userAgent, [
    ['iPhone', 'iPhone'],
    ['iPad', 'iPad'],
    ['Android', 'Android'],
    ['Windows', 'Windows'],
    ['Mac OS X', 'macOS'],
    ['CrOS', 'ChromeOS'],
    ['Linux', 'Linux'],
  ])
  if (browser === null) return 'A program'
  return system === null ? browser : `${browser} on ${system}`
}

function first(text: string, names: readonly (readonly [string, string])[]): string | null {
  return names.find(([part]) => text.includes(part))?.[1] ?? null
}

/** Seconds in a year: the longest that anybody keeps anything. */
const year = 31_536_000

/**
 * The `Cache-Control` of a file (RFC 9111 §5.2.2). A file whose name changes with its content is kept for a year and never asked
 * for again; anything else is kept too, but asked for every time, which costs a 304.
 * @param file path or name; only its last segment counts
 * @param isPrivate the route looks at who is calling, so no shared cache may keep it
 */
export function cacheControlOf(file: string, isPrivate: boolean): string {
  const scope = isPrivate ? 'private' : 'public'
  return isFingerprinted(file)
    ? `${scope}, max-age=${String(year)}, immutable`
    : isPrivate
      ? 'private, no-cache'
      : 'no-cache'
}

// "-" or ".", the hash, what bundlers put behind it, the extension.
const hashed = /[-.]([\w-]+?)(?:\.(?:bundle|chunk|min|module))?\.(?!html?$)[a-z0-9]+(?:\.map)?$/i
const hexadecimal = /^[0-9a-f]{8,}$/
const base32 = /^[A-Z2-7]{8}$/
const base64 = /^(?=.*[A-Z])(?=.*[a-z])[\w-]{8}$/
// As people write them: 2024, data, profile2, Data2, DataGrid, dataGrid, API2.
const word = /^(?:\d*|[A-Z]*\d*|(?:[a-z]+|[A-Z][a-z]+)(?:[A-Z][a-z]+)*\d*)$/

/**
 * Whether the name of a file holds a hash of its content: before the extension, after `-` or `.`, at least eight hexadecimal digits
 * (webpack, Parcel), or eight characters of base 64 or base 32 (Vite, Rollup, esbuild, Angular). A name that is taken for one
 * by mistake would be kept for a year, so whatever could be a word with a number counts as none. HTML never has one.
 */
export function isFingerprinted(file: string): boolean {
  const name = file.slice(file.lastIndexOf('/') + 1)
  const end = hashed.exec(name)?.[1] ?? ''
  const last = end.slice(end.lastIndexOf('-') + 1)
  if (base32.test(last) || (hexadecimal.test(last) && !word.test(last))) return true
  // The base 64 of URLs may hold the very character that comes before it.
  const eight = end.slice(-8)
  const isWhole = end.length === 8 || end.at(-9) === '-'
  return isWhole && base64.test(eight) && !eight.split(/[-_]/).every((part) => word.test(part))
}

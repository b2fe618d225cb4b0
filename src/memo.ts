/**
 * Remembers, per connection, the last text that came over it and what it led to. A browser sends the same cookie and the
 * same token over and over on the connection that it keeps open, and comparing a string is cheaper than splitting it up and
 * hashing it. Nothing is looked up by the text: it is only compared with what came over the very same connection, and is
 * forgotten with it.
 */
export function rememberLast<Result>(
  compute: (text: string) => Result,
): (connection: object, text: string) => Result {
  const last = new WeakMap<object, { readonly text: string; readonly result: Result }>()
  return (connection, text) => {
    const known = last.get(connection)
    if (known?.text === text) return known.result
    const result = compute(text)
    last.set(connection, { text, result })
    return result
  }
}

/**
 * Bounds a cache of `lru-cache` to so many entries. Its own `max` reserves memory for all of them at once, and with the sizes that caches
 * have here that took most of a start; bounded like this it grows as it fills, and is no slower.
 */
export function atMost(entries: number): {
  readonly maxSize: number
  readonly sizeCalculation: () => number
} {
  return { maxSize: entries, sizeCalculation: one }
}

const one = (): number => 1

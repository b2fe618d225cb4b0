/** Keys and indexes from the root of the document to a value. */
export type Path = readonly (string | number)[]

/** 1-based, as editors count. */
export interface Place {
  readonly line: number
  readonly column: number
}

interface PlacedValue {
  /** Where its key stands; null for items of a list and for the root. */
  readonly key: Place | null
  readonly value: Place
}

/** Where each value of a document was written. */
export class Places {
  readonly #byPath = new Map<string, PlacedValue>()

  set(path: Path, place: PlacedValue): void {
    this.#byPath.set(pathKey(path), place)
  }

  /**
   * The place of a value or of its key. A value that is not in the document has the place of the nearest mapping or
   * list around it: that is where its author would add it.
   */
  find(path: Path, part: 'key' | 'value'): Place {
    const own = this.#byPath.get(pathKey(path))
    if (own !== undefined) return part === 'key' ? (own.key ?? own.value) : own.value
    if (path.length === 0) return { line: 1, column: 1 }
    return this.find(path.slice(0, -1), 'key')
  }
}

/** A path as a key of a map; different paths have different keys. */
export function pathKey(path: Path): string {
  return JSON.stringify(path)
}

/** `routes[1].auth`; keys that are no plain words are written `headers["a.b"]`. */
export function formatPath(path: Path): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${String(part)}]`
    else if (!/^[\w-]+$/.test(part)) text += `[${JSON.stringify(part)}]`
    else text += text === '' ? part : `.${part}`
  }
  return text
}

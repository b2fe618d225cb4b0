/** Each bucket is a quarter wider than the one before: a percentile is right within 12 %. */
const growth = 1.25
/** Upper bound of the first bucket, milliseconds. */
const firstMs = 0.05
/** The last one begins at about a minute. */
const size = 64
const step = Math.log(growth)

/** How long something took, counted in buckets that grow: however much is counted, it holds as much. */
export class Histogram {
  readonly #counts = new Uint32Array(size)
  #total = 0

  /** @param ms milliseconds; what is no number, or negative, counts as nothing */
  add(ms: number): void {
    const index = ms > firstMs ? Math.ceil(Math.log(ms / firstMs) / step) : 0
    const last = Math.min(index, size - 1)
    this.#counts[last] = (this.#counts[last] ?? 0) + 1
    this.#total += 1
  }

  /** Milliseconds that a share of everything took at most; null where there was nothing. @param share 0 to 1 */
  percentile(share: number): number | null {
    if (this.#total === 0) return null
    const wanted = Math.max(1, Math.ceil(share * this.#total))
    let seen = 0
    for (let index = 0; index < size; index += 1) {
      const count = this.#counts[index] ?? 0
      if (count === 0 || seen + count < wanted) {
        seen += count
        continue
      }
      const within = (wanted - seen) / count
      return index === 0 ? firstMs * within : firstMs * growth ** (index - 1 + within)
    }
    return null
  }

  clear(): void {
    this.#counts.fill(0)
    this.#total = 0
  }
}

/** Members by one of their properties; those that have none are left out. */
export class Groups<T> {
  readonly #groups = new Map<string, Set<T>>()

  add(key: string | null, member: T): void {
    if (key === null) return
    const group = this.#groups.get(key)
    if (group === undefined) this.#groups.set(key, new Set([member]))
    else group.add(member)
  }

  remove(key: string | null, member: T): void {
    if (key === null) return
    const group = this.#groups.get(key)
    group?.delete(member)
    if (group?.size === 0) this.#groups.delete(key)
  }

  /** A copy: whoever ends a member takes it off the list. */
  of(key: string): readonly T[] {
    return [...(this.#groups.get(key) ?? [])]
  }

  count(key: string): number {
    return this.#groups.get(key)?.size ?? 0
  }

  /** How many there are that have members. */
  get size(): number {
    return this.#groups.size
  }
}

import type { ServerResponse } from 'node:http'
import { groupsOf } from './ipv6.ts'

/**
 * Counts the requests of each client that are under way, so that one client cannot take every slot. A request counts until its
 * response closes, for whatever reason, or until it has become a stream, which is counted elsewhere.
 */
export class ClientCap {
  readonly #underWay = new Map<string, number>()
  readonly #limit: () => number

  /** @param limit read at every request, so that a reload changes it */
  constructor(limit: () => number) {
    this.#limit = limit
  }

  /** A place for one more request of this client, or null when it has no more. It is given back when `response` closes. */
  enter(client: string, response: ServerResponse): Place | null {
    const count = this.#underWay.get(client) ?? 0
    if (count >= this.#limit()) return null
    this.#underWay.set(client, count + 1)
    const place = new Place(() => {
      this.#leave(client)
    })
    response.once('close', () => {
      place.leave()
    })
    return place
  }

  /** Clients with a request under way. */
  get size(): number {
    return this.#underWay.size
  }

  #leave(client: string): void {
    const count = this.#underWay.get(client) ?? 0
    if (count <= 1) this.#underWay.delete(client)
    else this.#underWay.set(client, count - 1)
  }
}

/** A place among the requests of a client that are under way. */
export class Place {
  #onLeft: (() => void) | null

  constructor(onLeft: () => void) {
    this.#onLeft = onLeft
  }

  /** Gives it back; only the first call counts. */
  leave(): void {
    const onLeft = this.#onLeft
    this.#onLeft = null
    onLeft?.()
  }
}

/** A client as limits see it: an IPv4 address, or the /64 of an IPv6 address, which one subscriber has to itself. */
export function clientKey(address: string): string {
  if (!address.includes(':')) return address
  const network = groupsOf(address).slice(0, 4)
  return `${network.map((group) => group.toString(16)).join(':')}::/64`
}

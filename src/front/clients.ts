import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Journey } from '../ops/access/journey.ts'
import { groupsOf } from './ipv6.ts'

/**
 * Counts the requests of each client that are under way, so that one client cannot take every slot. A request counts until its
 * response closes, for whatever reason, or until it has become a stream, which is counted elsewhere.
 */
export class ClientCap {
  readonly #underWay = new Map<string, number>()
  /**
   * In no order. Not a set: what a set has outgrown keeps what it held until the old generation is collected, which with a few
   * thousand requests a second is a third of everything that is allocated.
   */
  readonly #places: Place[] = []
  readonly #limit: () => number

  /** @param limit read at every request, so that a reload changes it */
  constructor(limit: () => number) {
    this.#limit = limit
  }

  /**
   * A place for one more request of this client, or null when it has no more. It is given back when `response` closes.
   * @param journey of the request, for whoever finds it by its connection
   */
  enter(client: string, response: ServerResponse, journey: Journey | null = null): Place | null {
    const count = this.#underWay.get(client) ?? 0
    if (count >= this.#limit()) return null
    this.#underWay.set(client, count + 1)
    const place = new Place(this, client, response, journey, this.#places.length)
    this.#places.push(place)
    response.on('close', place.leave)
    return place
  }

  /** Clients with a request under way. */
  get size(): number {
    return this.#underWay.size
  }

  /** Whether a request that has come whole over this connection is under way. Looks at all of them: not for every request. */
  isServing(socket: Socket): boolean {
    for (const { response } of this.#places) {
      if (response.socket === socket && response.req.complete) return true
    }
    return false
  }

  /** What is noted of the request under way that this connection brought, or null. Looks at all of them too. */
  journeyOn(socket: Socket): Journey | null {
    return this.#places.find(({ response }) => response.socket === socket)?.journey ?? null
  }

  /** Lets every answer that has not begun close its connection, so that no other request is sent on it. */
  closeConnections(): void {
    for (const { response } of this.#places) {
      if (!response.headersSent) response.shouldKeepAlive = false
    }
  }

  /** For `Place`: a request is no longer under way. */
  left(place: Place, client: string): void {
    const last = this.#places.pop()
    if (last !== undefined && last !== place) {
      this.#places[place.index] = last
      last.index = place.index
    }
    const count = this.#underWay.get(client) ?? 0
    if (count <= 1) this.#underWay.delete(client)
    else this.#underWay.set(client, count - 1)
  }
}

/** A place among the requests of a client that are under way. */
export class Place {
  readonly #cap: ClientCap
  readonly #client: string
  readonly response: ServerResponse
  readonly journey: Journey | null
  /** Where the cap has it. */
  index: number
  #isLeft = false

  constructor(
    cap: ClientCap,
    client: string,
    response: ServerResponse,
    journey: Journey | null,
    index: number,
  ) {
    this.#cap = cap
    this.#client = client
    this.response = response
    this.journey = journey
    this.index = index
  }

  /** Gives it back; only the first call counts. */
  readonly leave = (): void => {
    if (this.#isLeft) return
    this.#isLeft = true
    this.#cap.left(this, this.#client)
  }
}

/** A client as limits see it: an IPv4 address, or the /64 of an IPv6 address, which one subscriber has to itself. */
export function clientKey(address: string): string {
  if (!address.includes(':')) return address
  const network = groupsOf(address).slice(0, 4)
  return `${network.map((group) => group.toString(16)).join(':')}::/64`
}

import type { ServerResponse } from 'node:http'

/**
 * Counts the requests of each client that are under way, so that one client cannot take every slot. A request counts until its
 * response has ended or its client has left.
 */
export class ClientCap {
  readonly #underWay = new Map<string, number>()
  readonly #limit: () => number

  /** @param limit read at every request, so that a reload changes it */
  constructor(limit: () => number) {
    this.#limit = limit
  }

  /** Whether one more request of this client may go on; it is counted until `response` closes. */
  enter(client: string, response: ServerResponse): boolean {
    const count = this.#underWay.get(client) ?? 0
    if (count >= this.#limit()) return false
    this.#underWay.set(client, count + 1)
    response.once('close', () => {
      this.#leave(client)
    })
    return true
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

/** A client as limits see it: an IPv4 address, or the /64 of an IPv6 address, which one subscriber has to itself. */
export function clientKey(address: string): string {
  if (!address.includes(':')) return address
  const [left = '', right] = address.split('%')[0]?.toLowerCase().split('::') ?? []
  const head = left === '' ? [] : left.split(':')
  const tail = right === undefined || right === '' ? [] : right.split(':')
  const zeros = right === undefined ? 0 : Math.max(0, 8 - head.length - tail.length)
  const groups = [...head, ...Array.from({ length: zeros }, () => '0'), ...tail]
  const network = groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''))
  return `${network.join(':')}::/64`
}

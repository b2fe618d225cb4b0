import type { Principal } from '../authn/principal.ts'
import type { RouteConfig } from '../config/types.ts'
import type { RequestHead } from '../head.ts'

/** Hears what is found out about a request on its way, whether or not it is refused in the end. Changes nothing about it. */
export interface Witness {
  /** Its route, as soon as one is chosen. */
  chose(route: RouteConfig): void
  /** Who is calling, as soon as the credential has proved good, and before it is judged what they may. */
  knows(principal: Principal, head: RequestHead): void
}

export const noWitness: Witness = {
  chose: () => undefined,
  knows: () => undefined,
}

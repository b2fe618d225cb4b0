import { anonymous, type Assertion } from '../assertion/assert.ts'
import { readSource } from '../assertion/sources.ts'
import type { Principal } from '../authn/principal.ts'
import { identify } from '../authz/identify.ts'
import type { Witness } from '../authz/witness.ts'
import type { ObserveConfig } from '../config/types.ts'
import { isRefusal, refuse, type Refusal } from '../errors/refusal.ts'
import type { RequestHead } from '../head.ts'
import type { Forwarded, Leg, RoadDeps } from '../pipeline.ts'
import { extend, isTooLarge, mayExtend, noCookies, vouch } from './stages.ts'

/**
 * The end of the road for a route that only observes (ADR 0020). Everything that would be asked is asked, in the same order; what
 * speaks against the caller is carried along instead of answered, and only the first of it, because the enforced road goes no further
 * either. Who would be refused is nobody to FastAPI.
 *
 * Still refused: `body_too_large`, which is not about the caller. What the client brought as its credential travels on, and no token
 * of ours takes its place.
 */
export async function observe(
  leg: Leg,
  head: RequestHead,
  deps: RoadDeps,
  witness: Witness,
): Promise<Forwarded | Refusal> {
  const { route, target, owner, cors } = leg
  const rules = route.observe ?? nothingSaid
  const { rateLimit } = route
  const now = deps.now()
  let observed =
    rateLimit?.by === 'ip' ? (await deps.limitRate(rateLimit, null, head)).refusal : null
  if (isTooLarge(head, route)) return refuse('body_too_large')
  const proof = new Proof(witness)
  const caller = await identify(head, route.auth, { owner, nowMs: now }, deps, proof)
  if (isRefusal(caller)) observed ??= caller
  else if (rateLimit?.by === 'user' && observed === null) {
    observed = (await deps.limitRate(rateLimit, caller, head)).refusal
  }
  const passing = observed !== null || isRefusal(caller) ? null : caller
  const told = vouch(passing, route, now, deps)
  const sent = isRefusal(told) ? unknown : await sendOn(passing, leg, head, now, deps)
  return {
    ...{ kind: 'forward', route, target, answerHeaders: cors },
    ...sent,
    assertion: withoutToken(sent.assertion, rules),
    observed: isRefusal(told) ? told : observed,
    knownAs: nameOf(proof.principal, rules),
  }
}

/** A token of FastAPI's own says itself whom it is about. */
function nameOf(principal: Principal | null, { compareWith }: ObserveConfig): string | null {
  if (principal === null) return null
  const isTheirs = principal.kind === 'bearer' && principal.passesOn
  return isTheirs ? principal.userId : readSource(principal, compareWith)
}

type Sent = Pick<Forwarded, 'principal' | 'assertion' | 'setCookies'>

const unknown: Sent = { principal: null, assertion: anonymous, setCookies: noCookies }

/** Whoever would pass uses the session as much as on any other route. */
async function sendOn(
  caller: Principal | null,
  { route }: Leg,
  head: RequestHead,
  now: number,
  deps: RoadDeps,
): Promise<Sent> {
  const { principal, setCookies } = mayExtend(caller, head, now)
    ? await extend(caller, head, deps)
    : { principal: caller, setCookies: noCookies }
  const assertion = vouch(principal, route, now, deps)
  return isRefusal(assertion) ? unknown : { principal, assertion, setCookies }
}

const nothingSaid: ObserveConfig = {
  userHeader: null,
  compareWith: 'user.id',
  identityHeaders: false,
  sessionCookies: false,
}

/** The client's `Authorization` is FastAPI's business here, also where it brought none. */
const nobody: Assertion = { ...anonymous, keepAuthorization: true }

function withoutToken({ headers }: Assertion, { identityHeaders }: ObserveConfig): Assertion {
  if (!identityHeaders || headers.length === 0) return nobody
  const kept = headers.filter((_, index) => headers[index - (index % 2)] !== 'authorization')
  return { headers: kept, keepAuthorization: true }
}

/** Remembers whose credential proved good, whatever they may. */
class Proof implements Witness {
  readonly #witness: Witness
  principal: Principal | null = null

  constructor(witness: Witness) {
    this.#witness = witness
  }

  chose(...given: Parameters<Witness['chose']>): void {
    this.#witness.chose(...given)
  }

  knows(principal: Principal, head: RequestHead): void {
    this.principal = principal
    this.#witness.knows(principal, head)
  }
}

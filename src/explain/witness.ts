import type { AuthnDeps } from '../authn/authenticate.ts'
import type { Outcome } from '../authn/outcome.ts'
import { readUnknownTicket } from '../authn/ticket/reader.ts'
import { rateKey } from '../limits/key.ts'
import type { RoadDeps } from '../pipeline.ts'
import type { CredentialName } from './explanation.ts'

/** What was seen on the way. */
export interface Seen {
  /** The reader that was asked, and its answer. */
  credential: { readonly kind: CredentialName; readonly outcome: Outcome } | null
  /** Under which the request would have been counted. */
  rateKey: string | null
  slides: boolean
}

/**
 * The same road, watched. What would write is left out: no request is counted against a rate limit, no session is extended, and no
 * ticket is redeemed, because that would use it up.
 */
export function watch(road: RoadDeps): { readonly road: RoadDeps; readonly seen: Seen } {
  const seen: Seen = { credential: null, rateKey: null, slides: false }
  const nowMs = road.now()
  const watched: RoadDeps = {
    ...road,
    // What is told of times is told from one time.
    now: () => nowMs,
    authn: watchReaders(road.authn, seen),
    limitRate: (limit, principal, head) => {
      seen.rateKey = rateKey(limit, principal, head.address)
      return Promise.resolve({ refusal: null, headers: [] })
    },
    slide: (session) => {
      seen.slides = true
      return Promise.resolve({ session, setCookies: [] })
    },
  }
  return { road: watched, seen }
}

type Answer = Outcome | Promise<Outcome>

function watchReaders(authn: AuthnDeps, seen: Seen): AuthnDeps {
  const note = (kind: CredentialName, answer: Answer): Answer => {
    const keep = (outcome: Outcome): Outcome => {
      seen.credential = { kind, outcome }
      return outcome
    }
    return answer instanceof Promise ? answer.then(keep) : keep(answer)
  }
  const { readBearer, readCookie, readApiKey } = authn
  return {
    ...authn,
    // Whoever reads a ticket uses it up.
    readTicket: (...given) => note('ticket', readUnknownTicket(...given)),
    readBearer: (...given) => note('bearer', readBearer(...given)),
    readCookie: (...given) => note('session', readCookie(...given)),
    ...(readApiKey === undefined
      ? {}
      : { readApiKey: (...given) => note('apiKey', readApiKey(...given)) }),
  }
}

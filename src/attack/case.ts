import type { Answer } from './wire/answers.ts'
import type { Arrival } from './wire/recorder.ts'

/** In the order in which they are fired and told. */
export const families = {
  control: 'What must pass, and what must not',
  identity: 'Forged identity',
  paths: 'Path confusion',
  tokens: 'Tokens',
  cookies: 'Session cookies',
  framing: 'Framing and smuggling',
  'cross-site': 'Other sites',
  host: 'Host',
  methods: 'Methods',
  redirects: 'Redirects',
  endpoints: "The gateway's own endpoints",
  bodies: 'Body limits',
  answers: 'A hostile upstream',
} as const

export type FamilyName = keyof typeof families

/** What is sent on one connection. */
export interface Shot {
  /** Text stands for bytes, one character each. */
  readonly bytes: string
  /** What the upstream says to it; left out: an echo. */
  readonly answer?: string
}

/** What became of a shot. */
export interface Seen {
  readonly answers: readonly Answer[]
  /** Everything that came back. */
  readonly text: string
  /** What arrived behind the gateway, in its order; null: nobody can know. */
  readonly arrivals: readonly Arrival[] | null
}

/** What a configuration says itself, so that what came of a shot is no fault of the gateway's. */
export interface Opening {
  /** The key that says it: `routes[3].enforce`. */
  readonly key: string
  readonly why: string
}

export type Finding =
  | { readonly verdict: 'held' }
  /** Each sentence says something that may not be. */
  | { readonly verdict: 'broken'; readonly wrong: readonly string[] }
  | { readonly verdict: 'open'; readonly opening: Opening }
  | { readonly verdict: 'not judged'; readonly reason: string }

/** What must hold. */
export interface Expectation {
  /** What is wanted, for people: "refused with …", "arrives once …". */
  readonly words: string
  /** The answer alone tells. */
  readonly byAnswer: boolean
  /** It is who is calling that is refused: what a route that only observes lets pass. */
  readonly aboutCaller?: boolean
  readonly judge: (seen: Seen) => Finding
}

/** A case of the catalogue, aimed at one place of a configuration. */
export interface Draft {
  /** Stable, without the family and what it is aimed at: `dots-encoded`. */
  readonly id: string
  readonly title: string
  /** The attack, in a sentence. */
  readonly story: string
  /** `CWE-290`, `RFC 9112 §6.1`. */
  readonly reference: string
  readonly shot: Shot
  readonly expect: Expectation
  /** Real only where nobody is told: made with a secret of the configuration. */
  readonly isSigned?: boolean
  /** It writes, or asks for work, where the gateway is somebody's own. */
  readonly changes?: boolean
  /** Why it cannot be fired at this configuration. */
  readonly skip?: string
}

/** A case as it is fired and told. */
export interface Case extends Draft {
  /** `paths/dots-encoded@api`. */
  readonly name: string
  readonly family: FamilyName
  /** A route's name, or `gateway`. */
  readonly at: string
  /** What its `X-Request-Id` is, and so what logs have it by. */
  readonly requestId: string
}

export interface Result {
  readonly case: Case
  readonly finding: Finding
  readonly seen: Seen | null
}

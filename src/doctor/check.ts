/** How a check came out. Only a problem makes `doctor` fail. */
export type Verdict = 'ok' | 'warning' | 'problem' | 'skipped'

/** What a check has found. */
export interface Finding {
  readonly verdict: Verdict
  /** One sentence or two, without secrets. What others have sent is shown only as `shown` leaves it. */
  readonly seen: string
  /** One sentence that says what to do; null where there is nothing to do. */
  readonly advice: string | null
}

/** One thing to look at. It changes nothing, here or elsewhere. */
export interface Check {
  readonly name: string
  readonly run: () => Promise<Finding> | Finding
}

/** A finding with the name of its check. */
export interface NamedFinding extends Finding {
  readonly name: string
}

export function ok(seen: string): Finding {
  return { verdict: 'ok', seen, advice: null }
}

export function warning(seen: string, advice: string): Finding {
  return { verdict: 'warning', seen, advice }
}

export function problem(seen: string, advice: string): Finding {
  return { verdict: 'problem', seen, advice }
}

/** Not looked at: it makes no sense here, was not asked for, or something else has to be right first. */
export function skipped(seen: string): Finding {
  return { verdict: 'skipped', seen, advice: null }
}

/** Work that several checks rest on and that is done once, by whoever asks first. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | null = null
  return () => (result ??= work())
}

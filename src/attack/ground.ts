import type { GatewayConfig, Method, RouteConfig } from '../config/types.ts'
import type { Opening } from './case.ts'
import type { Forge } from './stage/forge.ts'

/** Somebody who may come in, and how they show it. */
export interface Caller {
  readonly via: 'session' | 'bearer' | 'apiKey'
  readonly userId: string
  /** The header that says so: `Cookie: …`. */
  readonly line: string
}

/** A place of the compiled table that shots are aimed at. */
export interface Probe {
  readonly route: RouteConfig
  readonly index: number
  /** A concrete path, canonical. */
  readonly path: string
  readonly host: string
  /** The mildest method that the route serves. */
  readonly method: Method
  /** One that changes something, or null. */
  readonly unsafe: Method | null
  /** Reaches an upstream, by its name; null: files. */
  readonly upstream: string | null
  /** Each kind of credential with which a made-up caller passes; none on a running gateway. */
  readonly callers: readonly Caller[]
  /** Why nobody passes, as a code; null where somebody does, or nobody needs to. */
  readonly closed: string | null
}

/** What drafts are made for. */
export interface Ground {
  /** As its author has written it. */
  readonly config: GatewayConfig
  readonly probes: readonly Probe[]
  /** `Host`, where no route asks for another. */
  readonly host: string
  readonly forge: Forge
  /** The name under which the session cookie is read. */
  readonly cookieName: string
  /** The gateway believes what its peers on this machine say about their clients. */
  readonly trustsUs: boolean
  /** Somebody's own gateway, which only the answers tell of. */
  readonly isRunning: boolean
  /** What the path leads to without a caller: `open` where anybody is let through to an upstream. */
  readonly leadsTo: (method: string, target: string, host: string) => 'refusal' | 'open' | 'closed'
}

export function isProtected({ route }: Probe): boolean {
  return route.auth.mode === 'required'
}

export function takes({ route }: Probe, kind: Caller['via']): boolean {
  return route.auth.mode !== 'none' && (route.auth.accept?.includes(kind) ?? true)
}

/** What `enforce: false` says of a probe; null: its route enforces. */
export function openingOf({ route, index }: Probe): Opening | null {
  if (route.observe === null) return null
  return {
    key: `routes[${String(index)}].enforce`,
    why: 'the route only observes: whoever would be refused reaches the application as nobody',
  }
}

/** The caller with whom a probe is reached, by preference of the kind. */
export function callerOf(probe: Probe, via?: Caller['via']): Caller | null {
  const found =
    via === undefined ? probe.callers[0] : probe.callers.find((each) => each.via === via)
  return found ?? null
}

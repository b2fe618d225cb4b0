import { hash } from 'node:crypto'
import type { GatewayConfig } from '../../../config/types.ts'
import type { ConsoleDeps, ReloadOutcome } from '../port.ts'
import type { RefusalEntry, RefusalRing } from '../traffic/refusals.ts'
import { outcomes, type TrafficSeries } from '../traffic/series.ts'

/** How much of it is sent each second. */
const shown = { connections: 200, refusals: 50, steps: 2 } as const

export interface Recording {
  readonly series: TrafficSeries
  readonly refusals: RefusalRing
  readonly startedAt: number
  readonly lastReload: () => ReloadOutcome | null
}

/** What changes all the time: sent each second while somebody looks. */
export function toPulse(deps: ConsoleDeps, recording: Recording, afterRefusal: number) {
  const { series, refusals } = recording
  return {
    at: deps.clock.now(),
    phase: deps.phase(),
    isShared: deps.isShared(),
    configuration: configurationHash(deps.config()),
    lastReload: recording.lastReload(),
    upstreams: deps.upstreams(),
    live: deps.live(shown.connections),
    routes: series.routes(),
    steps: series.list(shown.steps),
    refusalCount: refusals.count,
    refusals: refusals.list({ max: shown.refusals, after: afterRefusal }).map(toRefusal),
  }
}

/** All of it, for whoever begins to look. */
export function toState(deps: ConsoleDeps, recording: Recording) {
  const { server } = deps.config()
  return {
    ...toPulse(deps, recording, 0),
    publicUrl: server.publicUrl,
    startedAt: recording.startedAt,
    outcomes,
    stepMs: recording.series.stepMs,
    steps: recording.series.list(),
    canRevoke: deps.revoker !== null,
  }
}

/** One refusal, flat. */
export function toRefusal({ number, record, configuration }: RefusalEntry) {
  return { number, ...record, configuration }
}

const hashes = new WeakMap<GatewayConfig, string>()

/** A word for the whole configuration, secrets included: gateways that are configured alike have the same. */
export function configurationHash(config: GatewayConfig): string {
  const known = hashes.get(config)
  if (known !== undefined) return known
  const word = hash('sha256', JSON.stringify(config)).slice(0, 12)
  hashes.set(config, word)
  return word
}

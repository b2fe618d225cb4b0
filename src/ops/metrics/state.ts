import { Counter, Gauge, type Registry } from '@prometheus-io/client'
import type { LiveListing } from '../../live/port.ts'
import type { UpstreamStatus } from '../../upstream/port.ts'

/** What is looked at when somebody asks; nothing of it is counted in the meantime. */
export interface StateSources {
  readonly sessions: { readonly size: number; readonly hits: number; readonly misses: number }
  readonly live: { readonly list: (max: number) => Pick<LiveListing, 'kinds'> }
  readonly upstreams: () => Iterable<UpstreamStatus>
  /** Whether what sessions are kept in answers; it is asked with every scrape. */
  readonly isStoreUp: () => Promise<boolean>
  /** Passwords that are hashed now, and that wait for it; null: elsewhere. */
  readonly hashing: (() => { readonly running: number; readonly waiting: number }) | null
  /** Digest of the configuration in force. */
  readonly configurationHash: () => string
  /** Clients with a request under way. */
  readonly clients: { readonly size: number }
  /** Lines that nobody took, and that were let go. */
  readonly linesLost: () => number
}

type Set = (labels: Record<string, string>, value: number) => void

/** A gauge whose values are found when somebody asks. */
function gauge(
  registry: Registry,
  [name, help, labelNames = []]: readonly [string, string, (readonly string[])?],
  look: (set: Set) => void,
): void {
  new Gauge<string>({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      this.reset()
      look((labels, value) => {
        this.set(labels, value)
      })
    },
  })
}

function counter(registry: Registry, name: string, help: string, look: () => number): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset()
      this.inc(look())
    },
  })
}

/** Shows how the gateway stands. */
export function stateMetrics(registry: Registry, sources: StateSources): void {
  const { sessions, hashing, configurationHash, linesLost } = sources
  clientMetrics(registry, sources)
  sessionMetrics(registry, sessions)
  storeMetrics(registry, sources)
  upstreamMetrics(registry, sources)
  gauge(
    registry,
    [
      'sallyport_password_hashes',
      'Passwords that are hashed now, and that wait for it.',
      ['state'],
    ],
    (set) => {
      if (hashing === null) return
      const { running, waiting } = hashing()
      set({ state: 'running' }, running)
      set({ state: 'waiting' }, waiting)
    },
  )
  gauge(
    registry,
    ['sallyport_config_info', 'Always 1; the digest of the configuration in force.', ['hash']],
    (set) => {
      set({ hash: configurationHash() }, 1)
    },
  )
  counter(
    registry,
    'sallyport_log_lines_lost_total',
    'Lines of the log that were let go because nobody read them for too long.',
    linesLost,
  )
}

function clientMetrics(
  registry: Registry,
  { live, clients }: Pick<StateSources, 'live' | 'clients'>,
): void {
  gauge(
    registry,
    ['sallyport_live_connections', 'Streams that are open, FastAPI’s and our own.', ['kind']],
    (set) => {
      for (const [kind, count] of Object.entries(live.list(0).kinds)) set({ kind }, count)
    },
  )
  gauge(
    registry,
    ['sallyport_clients', 'Client addresses with a request under way; streams are not counted.'],
    (set) => {
      set({}, clients.size)
    },
  )
}

function sessionMetrics(registry: Registry, sessions: StateSources['sessions']): void {
  gauge(
    registry,
    ['sallyport_session_cache_entries', 'Sessions in memory; two credentials of one count twice.'],
    (set) => {
      set({}, sessions.size)
    },
  )
  counter(
    registry,
    'sallyport_session_cache_hits_total',
    'Look-ups of sessions that memory could answer.',
    () => sessions.hits,
  )
  counter(
    registry,
    'sallyport_session_cache_misses_total',
    'Look-ups of sessions that it could not, whatever came of them.',
    () => sessions.misses,
  )
}

function storeMetrics(registry: Registry, { isStoreUp }: Pick<StateSources, 'isStoreUp'>): void {
  new Gauge({
    name: 'sallyport_session_store_up',
    help: 'Whether what sessions are kept in answers: 1, or 0. A Better Auth elsewhere: whether it answered when it was last asked.',
    registers: [registry],
    async collect() {
      this.set((await isStoreUp()) ? 1 : 0)
    },
  })
}

const breakerStates = ['closed', 'half-open', 'open'] as const

function upstreamMetrics(registry: Registry, { upstreams }: StateSources): void {
  const each = (
    name: string,
    help: string,
    value: (status: UpstreamStatus) => number | null,
  ): void => {
    gauge(registry, [name, help, ['upstream']], (set) => {
      for (const status of upstreams()) {
        const found = value(status)
        if (found !== null) set({ upstream: status.name }, found)
      }
    })
  }
  each('sallyport_upstream_in_flight', 'Requests under way.', ({ inFlight }) => inFlight)
  each('sallyport_upstream_slots', 'Requests that may be under way.', (up) => up.maxInFlight)
  gauge(
    registry,
    [
      'sallyport_upstream_breaker_state',
      'Which state the breaker is in: 1, and 0 for the other states.',
      ['upstream', 'state'],
    ],
    (set) => {
      for (const { name: upstream, breaker } of upstreams()) {
        if (breaker === null) continue
        for (const state of breakerStates) set({ upstream, state }, breaker === state ? 1 : 0)
      }
    },
  )
  targetMetrics(registry, upstreams)
}

function targetMetrics(registry: Registry, upstreams: StateSources['upstreams']): void {
  const each = (
    name: string,
    help: string,
    value: (target: UpstreamStatus['targets'][number]) => number,
  ): void => {
    gauge(registry, [name, help, ['upstream', 'target']], (set) => {
      for (const { name: upstream, targets } of upstreams()) {
        for (const target of targets) set({ upstream, target: target.origin }, value(target))
      }
    })
  }
  each(
    'sallyport_upstream_target_up',
    'Whether requests go to a target: 1, or 0 while its health check fails or it is ejected.',
    ({ state }) => (state === 'sound' ? 1 : 0),
  )
  each(
    'sallyport_upstream_target_ejected',
    'Whether a target is left out because requests to it failed.',
    ({ state }) => (state === 'ejected' ? 1 : 0),
  )
  each(
    'sallyport_upstream_target_in_flight',
    'Requests under way at a target.',
    ({ inFlight }) => inFlight,
  )
}

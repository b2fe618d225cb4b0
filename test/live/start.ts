import type { Test } from 'tap'
import type { Session } from '../../src/authn/principal.ts'
import { isRefusal, type Refusal } from '../../src/errors/refusal.ts'
import type { LiveConnection } from '../../src/live/port.ts'
import { LiveRegistry } from '../../src/live/registry.ts'

/** A registry of which time and the session store are in the test's hands. */
export interface Listed {
  readonly live: LiveRegistry
  readonly time: { ms: number }
  /** What the session store says; a promise may be left open. */
  readonly store: Map<string, Session | null | Error | Promise<Session | null>>
  readonly asked: string[]
  readonly limit: { perClient: number }
  /** Sessions that are known to have been revoked. */
  readonly revoked: Set<string>
  /** Lists a connection and returns the codes that it was ended with. */
  readonly open: (more?: Partial<LiveConnection>) => string[]
}

export function startRegistry(t: Test): Listed {
  const time = { ms: 1_000_000 }
  const limit = { perClient: 100 }
  const store: Listed['store'] = new Map()
  const asked: string[] = []
  const revoked = new Set<string>()
  const live = new LiveRegistry({
    clock: { now: () => time.ms, monotonic: () => time.ms },
    perClient: () => limit.perClient,
    wasRevoked: (sessionId) => revoked.has(sessionId),
    recheck: async (sessionId) => {
      asked.push(sessionId)
      const known = store.get(sessionId)
      if (known instanceof Error) throw known
      return (await known) ?? null
    },
  })
  t.teardown(() => {
    live.close()
  })
  const open: Listed['open'] = (more = {}) => {
    const codes: string[] = []
    const added = live.add({
      kind: 'websocket',
      client: '192.0.2.1',
      userId: 'ada',
      sessionId: 's1',
      expiresAtMs: time.ms + 60_000,
      judge: null,
      end: ({ code }: Refusal) => codes.push(code),
      ...more,
    })
    if (isRefusal(added)) codes.push(`refused: ${added.code}`)
    return codes
  }
  return { live, time, store, asked, limit, revoked, open }
}

/** A session of `s1`. */
export function session(expiresAtMs: number, banned = false): Session {
  const user = { email: '', emailVerified: false, name: '', image: null, role: null }
  return {
    id: 's1',
    expiresAtMs,
    refreshAtMs: Infinity,
    createdAtMs: 0,
    impersonatedBy: null,
    organization: null,
    user: { id: 'ada', ...user, banned, externalId: null, fields: {} },
  }
}

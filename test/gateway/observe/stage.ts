import type { Test } from 'tap'
import type { AccessRecord } from '../../../src/ops/access/record.ts'
import type { SessionSource } from '../../../src/session/port.ts'
import { startBackend, type Answer, type Backend, type Seen } from '../../helper/backend.ts'
import {
  startGateway,
  type CallOptions,
  type Reply,
  type Running,
  type StartOptions,
} from '../../helper/gateway.ts'
import { authModule } from '../access/people.ts'
import { until } from '../sse/fastapi.ts'

export interface Stage extends Running {
  readonly backend: Backend
  /** The session store, until it is away. */
  readonly store: { isAway: boolean }
}

/** A gateway with these routes, Better Auth with roles, organisations and API keys, and an application that remembers what it saw. */
export async function startObserved(
  t: Test,
  routes: string,
  more: Partial<StartOptions> & { readonly answer?: Answer } = {},
): Promise<Stage> {
  const { answer, ...options } = more
  const backend = await startBackend(t, answer)
  const store = { isAway: false }
  const ask = <T>(found: () => Promise<T>): Promise<T> =>
    store.isAway ? Promise.reject(new Error('the database is away')) : found()
  const gateway = await startGateway(t, {
    upstream: backend.url,
    auth: 'signUp: open, module: ./auth.ts',
    files: authModule,
    yaml: 'bearer: { apiKeys: true, scopesClaim: scope }',
    routes,
    wrapSource: (source): SessionSource => ({
      findByToken: (...given) => ask(() => source.findByToken(...given)),
      findById: (...given) => ask(() => source.findById(...given)),
      refresh: (...given) => ask(() => source.refresh(...given)),
    }),
    ...options,
  })
  return { ...gateway, backend, store }
}

export interface Observed {
  readonly reply: Reply
  /** What FastAPI got; undefined: nothing. */
  readonly seen: Seen | undefined
  readonly record: AccessRecord
}

let count = 0

/** Sends a request and waits for what is noted of it. */
export async function send(
  stage: Stage,
  path: string,
  call: CallOptions & { readonly headers?: Record<string, string | string[]> | string[] } = {},
): Promise<Observed> {
  count += 1
  const id = `observed-${String(count)}`
  const { headers = {} } = call
  const named = Array.isArray(headers)
    ? ['x-request-id', id, ...headers]
    : { 'x-request-id': id, ...headers }
  const before = stage.backend.seen.length
  const reply = await stage.request(path, { ...call, headers: named })
  return { reply, seen: stage.backend.seen[before], record: await recordOf(stage, id) }
}

/** What is noted of a request, once it is over. */
export async function recordOf(
  { records }: Pick<Running, 'records'>,
  requestId: string,
): Promise<AccessRecord> {
  const find = (): AccessRecord | undefined =>
    records.find((record) => record.requestId === requestId)
  await until(() => find() !== undefined)
  return find() as AccessRecord
}

/** The values of a header as FastAPI got them. */
export function valuesOf({ rawHeaders }: Seen, name: string): readonly string[] {
  return rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name,
  )
}

/** What is measured so far, in Prometheus' text format. */
export async function metricsOf({ adminUrl }: Pick<Running, 'adminUrl'>): Promise<string> {
  const answer = await fetch(`${String(adminUrl)}/metrics`)
  return answer.text()
}

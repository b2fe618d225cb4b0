import { cleanText, toAddress } from './text.ts'
import {
  auditVersion,
  common,
  details,
  events,
  type DetailName,
  type EventName,
  type FieldName,
} from './table.ts'

type ValueOf<F> = F extends { readonly words: readonly (infer W)[] }
  ? W
  : F extends { readonly type: 'count' }
    ? number
    : string

type Required = 'actor' | 'via'

/** Who did it, on whom, and from where. */
export type Who = {
  readonly [F in Required]: ValueOf<(typeof common)[F]>
} & {
  readonly [F in Exclude<FieldName, Required>]?: ValueOf<(typeof common)[F]> | null
}

type Detailed<E extends EventName> = {
  readonly [D in (typeof events)[E]['details'][number]]?: ValueOf<(typeof details)[D]> | null
}

/** One event as it is said. What is left out is null. */
export type AuditEvent = {
  [E in EventName]: {
    readonly event: E
    readonly outcome: (typeof events)[E]['outcomes'][number]
  } & Who &
    Detailed<E>
}[EventName]

export type Method = ValueOf<(typeof details)['method']>
export type Factor = ValueOf<(typeof details)['factor']>
export type Reason = ValueOf<(typeof details)['reason']>
export type Outcome = AuditEvent['outcome']

/** What whoever writes an event down adds to it. */
export interface Stamp {
  readonly id: string
  /** Wall clock, milliseconds. */
  readonly atMs: number
  /** Name of the machine. */
  readonly host: string
}

/** An event as it is written: every field that its kind has, in the order of the table, null where there is nothing. */
export type AuditLine = Readonly<Record<string, string | number | null>>

/**
 * Completes an event. Whatever was given from outside is bounded and freed from control characters; nothing that its kind does not have gets through.
 * Not checked: that words are those of the table, which is the types' business.
 */
export function toLine(event: AuditEvent, { id, atMs, host }: Stamp): AuditLine {
  const given = event as unknown as Readonly<Record<string, unknown>>
  const names: readonly (FieldName | DetailName)[] = [
    ...(Object.keys(common) as FieldName[]),
    ...events[event.event].details,
  ]
  return {
    log: 'audit',
    version: auditVersion,
    id,
    at: new Date(atMs).toISOString(),
    host: cleanText(host, 128),
    event: event.event,
    outcome: event.outcome,
    ...Object.fromEntries(names.map((name) => [name, toValue(name, given[name])])),
  }
}

interface Spec {
  readonly max?: number
  readonly type?: string
  readonly words?: readonly string[]
}

const specs: Readonly<Record<string, Spec>> = { ...common, ...details }

function toValue(name: string, value: unknown): string | number | null {
  const { max, type } = specs[name] ?? {}
  if (type === 'count') return typeof value === 'number' ? value : null
  if (typeof value !== 'string') return null
  if (type === 'email') return toAddress(value)
  return max === undefined ? value : cleanText(value, max)
}

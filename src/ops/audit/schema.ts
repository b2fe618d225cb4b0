import { auditVersion, common, details, events, type EventName } from './table.ts'

type Node = Readonly<Record<string, unknown>>

interface Spec {
  readonly what: string
  readonly max?: number
  readonly words?: readonly string[]
  readonly type?: string
}

/** The lines of the audit log as JSON Schema draft-07: config/audit.schema.json. */
export function auditSchema(): Node {
  const names = Object.keys(events) as EventName[]
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Sallyport audit log',
    description: `One line of the audit log, version ${auditVersion} (docs/audit-log.md).`,
    oneOf: names.map((name) => ({ $ref: `#/definitions/${name}` })),
    definitions: Object.fromEntries(names.map((name) => [name, ofEvent(name)])),
  }
}

function ofEvent(name: EventName): Node {
  const { what, outcomes, details: own } = events[name]
  const always = {
    log: { const: 'audit', description: 'Tells these lines from others on the same output.' },
    version: { const: auditVersion, description: 'Version of this schema.' },
    id: { type: 'string', format: 'uuid', description: 'Of this line; no two have the same.' },
    at: { type: 'string', format: 'date-time', description: 'When it was said, in UTC.' },
    host: { type: 'string', maxLength: 128, description: 'Name of the machine.' },
    event: { const: name, description: what },
    outcome: { enum: outcomes, description: 'What came of it.' },
    ...Object.fromEntries(Object.entries(common).map(([key, spec]) => [key, ofField(key, spec)])),
    ...Object.fromEntries(own.map((key) => [key, ofField(key, details[key])])),
  }
  return {
    type: 'object',
    description: what,
    properties: { ...always, ...ofOutput },
    required: Object.keys(always),
    additionalProperties: false,
  }
}

/** What the process's logger puts before the fields of a line on standard output. */
const ofOutput: Node = {
  level: { type: 'integer', description: 'On standard output only: the level of the logger.' },
  time: { type: 'integer', description: 'On standard output only: `at`, in milliseconds.' },
}

const never = new Set(['actor', 'via'])

function ofField(name: string, { what, max, words, type }: Spec): Node {
  const description = what
  if (words !== undefined) return { enum: never.has(name) ? words : [...words, null], description }
  if (type === 'count') return { type: ['integer', 'null'], minimum: 0, description }
  if (type === 'time') return { type: ['string', 'null'], format: 'date-time', description }
  return { type: ['string', 'null'], maxLength: max, description }
}

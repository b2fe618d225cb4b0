/** Where a request stands in a distributed trace (W3C Trace Context). */
export interface TraceContext {
  /** 32 hexadecimal digits, lower case. */
  readonly traceId: string
  /** Of the span of this request here, 16 digits. */
  readonly spanId: string
  /** Of the caller's span; null: the trace begins here. */
  readonly parentId: string | null
  /** Of the span of the request to FastAPI, which is what FastAPI is told. */
  readonly upstreamId: string
  readonly isSampled: boolean
  /** Of the caller, as one value; null: there is none that counts. */
  readonly state: string | null
}

/** What a caller says of its trace. */
export interface CallerTrace {
  readonly traceId: string
  readonly spanId: string
  readonly isSampled: boolean
  readonly state: string | null
}

// §3.2.2: version ff is invalid, and only a higher version than 00 may have more behind the flags.
const traceparent = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const nothing = /^0+$/
const maxStateLength = 512
const maxStateMembers = 32
// §3.3.1.3: a key with an optional tenant, and a value of printable ASCII without comma and equals sign.
const stateMember =
  /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/

/**
 * What a caller says of its trace in `traceparent` and `tracestate` (W3C Trace Context §3.2, §3.3), or null where it says nothing that
 * counts: a `traceparent` that is repeated or malformed begins a new trace. A `tracestate` that is malformed or too long is dropped.
 * @param rawHeaders flat, as received
 */
export function readTrace(rawHeaders: readonly string[]): CallerTrace | null {
  const parents: string[] = []
  const states: string[] = []
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase()
    if (name === 'traceparent') parents.push(rawHeaders[index + 1] ?? '')
    else if (name === 'tracestate') states.push(rawHeaders[index + 1] ?? '')
  }
  const [parent = ''] = parents
  const [, version, traceId = '', spanId = '', flags = '', more] = traceparent.exec(parent) ?? []
  const isFaulty = version === undefined || (version === '00' && more !== undefined)
  if (parents.length !== 1 || isFaulty || nothing.test(traceId) || nothing.test(spanId)) return null
  const isSampled = (Number.parseInt(flags, 16) & 1) === 1
  return { traceId, spanId, isSampled, state: readState(states) }
}

function readState(values: readonly string[]): string | null {
  const members = values
    .join(',')
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '')
  const keys = new Set(members.map((member) => member.slice(0, member.indexOf('='))))
  const isGood =
    members.every((member) => stateMember.test(member)) &&
    keys.size === members.length &&
    members.length <= maxStateMembers
  const state = members.join(',')
  return isGood && state !== '' && state.length <= maxStateLength ? state : null
}

/** The headers towards FastAPI with this trace instead of what the client said of one. */
export function withTrace(headers: readonly string[], trace: TraceContext): string[] {
  const kept = headers.filter((_, index) => {
    const name = headers[index - (index % 2)]
    return name !== 'traceparent' && name !== 'tracestate'
  })
  const { traceId, upstreamId, isSampled, state } = trace
  kept.push('traceparent', `00-${traceId}-${upstreamId}-${isSampled ? '01' : '00'}`)
  if (state !== null) kept.push('tracestate', state)
  return kept
}

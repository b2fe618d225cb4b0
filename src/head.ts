/**
 * The part of a request that decisions are made from, read once from the raw header list. Node's `headers` object is
 * not used for them: it drops or joins repetitions, and a repetition is exactly what must not be overlooked.
 */
export interface RequestHead {
  readonly method: string
  /** As received, after an absolute-form target of ours became origin-form. */
  readonly target: string
  readonly rawHeaders: readonly string[]
  /** Stands for the connection that the request came over; only its identity is used. */
  readonly connection: object
  /** The client's address, as the trusted proxies and the socket have it; empty where nobody needs it. */
  readonly address: string
  readonly host: string | null
  readonly authorization: string | null
  /** All `Cookie` fields, joined as RFC 9113 §8.2.3 joins them. */
  readonly cookie: string | null
  readonly origin: string | null
  readonly secFetchSite: string | null
  readonly secFetchMode: string | null
  readonly accept: string | null
  readonly referer: string | null
  /** All `Upgrade` fields, joined as Node joins them when it decides whether to switch protocols. */
  readonly upgrade: string | null
  /** `Access-Control-Request-Method`: what a CORS preflight asks for. */
  readonly requestedMethod: string | null
  readonly requestedHeaders: string | null
  readonly contentLength: string | null
  readonly chunked: boolean
  /** `X-Sallyport-Passive: 1`: a background poll that must not extend the session. */
  readonly passive: boolean
  /** A field that may occur once occurred twice. */
  readonly repeated:
    'host' | 'authorization' | 'origin' | 'content-type' | 'transfer-encoding' | null
}

type Draft = { -readonly [Key in keyof RequestHead]: RequestHead[Key] }

/** Reads the head of a request. Pure; validates nothing but counts what may occur only once (RFC 9110 §5.3). */
export function readHead(
  method: string,
  target: string,
  rawHeaders: readonly string[],
  connection: object = rawHeaders,
  address = '',
): RequestHead {
  const head = emptyHead(method, target, rawHeaders, connection, address)
  let seenContentType = false
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    const value = rawHeaders[index + 1] ?? ''
    if (name === 'content-type') {
      if (seenContentType) head.repeated = 'content-type'
      seenContentType = true
    } else readField(head, name, value)
  }
  return head
}

/** A `switch`, because a look-up by a name that has just come off the wire would have to be interned first. */
function readField(head: Draft, name: string, value: string): void {
  switch (name) {
    case 'host':
      if (head.host !== null) head.repeated = 'host'
      else head.host = value
      break
    case 'authorization':
      if (head.authorization !== null) head.repeated = 'authorization'
      else head.authorization = value
      break
    case 'origin':
      if (head.origin !== null) head.repeated = 'origin'
      else head.origin = value
      break
    case 'cookie':
      head.cookie = head.cookie === null ? value : `${head.cookie}; ${value}`
      break
    case 'upgrade':
      head.upgrade = head.upgrade === null ? value : `${head.upgrade}, ${value}`
      break
    case 'transfer-encoding':
      // RFC 9112 §6.1: another coding would have to be undone, and who repeats it wants to be misread.
      if (head.chunked || value.toLowerCase() !== 'chunked') head.repeated = 'transfer-encoding'
      head.chunked = true
      break
    default:
      readFirst(head, name, value)
  }
}

/** Of those that may be repeated without harm the first one counts. */
function readFirst(head: Draft, name: string, value: string): void {
  switch (name) {
    case 'accept':
      head.accept ??= value
      break
    case 'referer':
      head.referer ??= value
      break
    case 'content-length':
      head.contentLength ??= value
      break
    case 'sec-fetch-site':
      head.secFetchSite ??= value
      break
    case 'sec-fetch-mode':
      head.secFetchMode ??= value
      break
    case 'x-sallyport-passive':
      head.passive = value === '1'
      break
    case 'access-control-request-method':
      head.requestedMethod ??= value
      break
    case 'access-control-request-headers':
      head.requestedHeaders ??= value
      break
  }
}

function emptyHead(
  method: string,
  target: string,
  rawHeaders: readonly string[],
  connection: object,
  address: string,
): Draft {
  return {
    method,
    target,
    rawHeaders,
    connection,
    address,
    host: null,
    authorization: null,
    cookie: null,
    origin: null,
    secFetchSite: null,
    secFetchMode: null,
    accept: null,
    referer: null,
    upgrade: null,
    requestedMethod: null,
    requestedHeaders: null,
    contentLength: null,
    chunked: false,
    passive: false,
    repeated: null,
  }
}

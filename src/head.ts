/**
 * The part of a request that decisions are made from, read once from the raw header list. Node's `headers` object is
 * not used for them: it drops or joins repetitions, and a repetition is exactly what must not be overlooked.
 */
export interface RequestHead {
  readonly method: string
  /** As received, after an absolute-form target of ours became origin-form, and without a ticket. */
  readonly target: string
  /** What `ticket` in the query presents; null but on requests that open a stream: elsewhere it is a parameter like any other. */
  readonly ticket: PresentedTicket | null
  readonly rawHeaders: readonly string[]
  /** Stands for the connection that the request came over; only its identity is used. */
  readonly connection: object
  /** The client's address, as the trusted proxies and the socket have it; empty where nobody needs it. */
  readonly address: string
  readonly host: string | null
  readonly authorization: string | null
  /** The first `x-api-key`. */
  readonly apiKey: string | null
  /** There was another one. Told apart from `repeated`, because where API keys are not accepted it is a header like any other. */
  readonly repeatedApiKey: boolean
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

/** The credential of pages that can set no header. */
export interface PresentedTicket {
  /** null: it is there more than once. */
  readonly value: string | null
  /** The target with it, for an application that has tickets of its own. */
  readonly target: string
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
  if (target.includes('ticket')) takeTicket(head)
  return head
}

/** The rest of the query stays byte for byte. A name that is spelled in another way is not ours. */
function takeTicket(head: Draft): void {
  const { target } = head
  const mark = target.indexOf('?')
  if (mark === -1 || !opensStream(head)) return
  const isTicket = (pair: string): boolean => pair === 'ticket' || pair.startsWith('ticket=')
  const pairs = target.slice(mark + 1).split('&')
  const [first, ...more] = pairs.filter(isTicket)
  if (first === undefined) return
  const rest = pairs.filter((pair) => !isTicket(pair)).join('&')
  head.target = target.slice(0, mark) + (pairs.length === 1 + more.length ? '' : `?${rest}`)
  head.ticket = { value: more.length === 0 ? first.slice('ticket='.length) : null, target }
}

/** A WebSocket handshake, or what `EventSource` sends (HTML §9.2): what pages open without being able to set a header. */
export function opensStream(head: Pick<RequestHead, 'method' | 'upgrade' | 'accept'>): boolean {
  if (head.method !== 'GET') return false
  return isWebSocket(head) || /(?:^|[,\s])text\/event-stream(?:$|[,;\s])/i.test(head.accept ?? '')
}

/** A `switch`, because a look-up by a name that has just come off the wire would have to be interned first. */
function readField(head: Draft, name: string, value: string): void {
  switch (name) {
    case 'host':
      if (head.host !== null) head.repeated = 'host'
      else head.host = value
      break
    case 'authorization':
      // Whatever else occurs twice is refused on every route, and may not be overlooked for this.
      if (head.authorization !== null) head.repeated ??= 'authorization'
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
    case 'x-api-key':
      head.repeatedApiKey = head.apiKey !== null
      head.apiKey ??= value
      break
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
    ticket: null,
    rawHeaders,
    connection,
    address,
    host: null,
    authorization: null,
    apiKey: null,
    repeatedApiKey: false,
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

/** Other protocols in `Upgrade` may be ignored (RFC 9110 §7.8), and are: the header is hop-by-hop and goes no further. */
export function isWebSocket(head: Pick<RequestHead, 'upgrade'>): boolean {
  return head.upgrade?.toLowerCase().includes('websocket') === true
}

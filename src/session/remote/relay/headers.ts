import { anonymous } from '../../../assertion/assert.ts'
import { toClientHeaders, toUpstreamHeaders, type HeaderRules } from '../../../proxy/headers.ts'

/** What the headers towards the remote Better Auth depend on. */
export interface RelayHeaders {
  /** The `Host` that it is asked under. */
  readonly host: string
  readonly publicHost: string
  readonly publicProtocol: 'http' | 'https'
  /** Names that nobody but the gateway writes, lower case. */
  readonly identityNames: ReadonlySet<string>
}

export interface RelayContext {
  /** The client's. */
  readonly address: string
  readonly requestId: string
  readonly connection: object
}

/**
 * The headers of a request on its way to the remote Better Auth, flat: as on the way to FastAPI, but every cookie and the client's `Authorization`
 * pass, and nobody is vouched for.
 */
export function toRequestHeaders(
  rawHeaders: readonly string[],
  { host, publicHost, publicProtocol, identityNames }: RelayHeaders,
  { address, requestId, connection }: RelayContext,
): string[] {
  const rules: HeaderRules = { ...allCookiesPass, identityNames, publicProtocol }
  const headers = toUpstreamHeaders(
    rawHeaders,
    {
      assertion: anonymous,
      forwardAuthorization: true,
      host: publicHost,
      forwardedFor: address,
      requestId,
      connection,
    },
    rules,
  )
  // The body is sent whole, whatever framing it came in; and `Host` may be another than what browsers asked for.
  return dropField(dropField(headers, 'content-length'), 'host').concat('host', host)
}

const allCookiesPass = {
  isAuthCookie: () => false,
  filterCookies: (_connection: object, value: string) => value,
}

/** The headers of the answer by name, and the cookies that it sets, as they were set and in their order. */
export function toAnswerHeaders(
  rawHeaders: readonly string[],
  requestId: string,
): {
  readonly fields: Readonly<Record<string, string | string[]>>
  readonly setCookies: readonly string[]
} {
  const setCookies = valuesOf(rawHeaders, 'set-cookie')
  const rules: HeaderRules = {
    ...allCookiesPass,
    // All of them are taken out and put back in by us, which keeps caches away.
    isAuthCookie: () => true,
    identityNames: new Set(),
    publicProtocol: 'https',
  }
  const flat = toClientHeaders(rawHeaders, { requestId, setCookies }, rules)
  const fields: Record<string, string | string[]> = {}
  for (const name of new Set(flat.filter((_item, index) => index % 2 === 0))) {
    const values = valuesOf(flat, name)
    fields[name] = values.length === 1 ? (values[0] ?? '') : [...values]
  }
  // The library's own name for RFC 9110 §10.2.3; clients know only the standard one.
  const retryAfter = fields['x-retry-after']
  if (retryAfter !== undefined) fields['retry-after'] = retryAfter
  return { fields, setCookies }
}

function valuesOf(headers: readonly string[], name: string): readonly string[] {
  const values: string[] = []
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === name) values.push(headers[index + 1] ?? '')
  }
  return values
}

function dropField(headers: readonly string[], name: string): string[] {
  const kept: string[] = []
  for (let index = 0; index < headers.length; index += 2) {
    if (headers[index] !== name) kept.push(headers[index] ?? '', headers[index + 1] ?? '')
  }
  return kept
}

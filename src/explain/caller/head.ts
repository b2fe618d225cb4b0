import type { GatewayConfig } from '../../config/types.ts'
import { readHead, type RequestHead } from '../../head.ts'
import { toOriginForm } from '../../routing/canonical.ts'
import type { HeaderLine } from '../explanation.ts'

/** A request as somebody writes it down. */
export interface WrittenRequest {
  readonly method: string
  /** A path with its query, or an absolute URL, whose host is then the `Host`. */
  readonly url: string
  readonly headers: readonly HeaderLine[]
  /** `Host`; null: the URL's, else that of `publicUrl`. */
  readonly host: string | null
  /** The client's address, as the trusted proxies let it be seen. */
  readonly address: string
  /** A person opens it in a browser. */
  readonly navigation: boolean
  /** A WebSocket handshake, whatever the method says. */
  readonly websocket: boolean
}

/** The headers of a handshake (RFC 6455 §4.1). The key is any. */
const handshake: readonly HeaderLine[] = [
  ['connection', 'Upgrade'],
  ['upgrade', 'websocket'],
  ['sec-websocket-version', '13'],
  ['sec-websocket-key', 'AAAAAAAAAAAAAAAAAAAAAA=='],
]

/** What browsers send when a person opens a page (Fetch Metadata §2.3). */
const navigation: readonly HeaderLine[] = [
  ['accept', 'text/html'],
  ['sec-fetch-mode', 'navigate'],
]

/** The head of a written request, as it would be read off the wire. Not checked: that its headers could be sent. */
export function toHead(written: WrittenRequest, { server }: GatewayConfig): RequestHead {
  const { method, url, headers, address } = written
  const authority = /^https?:\/\/([^/?#]+)/i.exec(url)?.[1]
  const hasHost = headers.some(([name]) => name.toLowerCase() === 'host')
  const host = written.host ?? authority ?? new URL(server.publicUrl).host
  const lines: readonly HeaderLine[] = [
    ...(hasHost ? [] : [['host', host] as const]),
    ...headers,
    ...without(written.navigation ? navigation : [], headers),
    ...without(written.websocket ? handshake : [], headers),
  ]
  const target = toOriginForm(url, authority ?? host)
  const connection = {}
  return readHead(written.websocket ? 'GET' : method, target, lines.flat(), connection, address)
}

/** What is written down counts more than what is usual. */
function without(usual: readonly HeaderLine[], headers: readonly HeaderLine[]): HeaderLine[] {
  const names = new Set(headers.map(([name]) => name.toLowerCase()))
  return usual.filter(([name]) => !names.has(name))
}

import type { ListenAddress } from '../types.ts'
import type { Parsed } from './parsed.ts'

/** Reads an http(s) origin as `URL.origin` writes it; one trailing slash is tolerated. */
export function parseOrigin(text: string): Parsed<string> {
  const example = 'expected an origin such as https://app.example.com'
  if (/^https?:\/\/[^/?#]*@/i.test(text)) return { problem: 'an origin cannot hold credentials' }
  if (/^https?:\/\/[^/?#\\]+(?:\/[^]|\/?[?#])/i.test(text)) {
    return { problem: 'only scheme, host and port are allowed here: no path, query or fragment' }
  }
  if (!/^https?:\/\/[^/?#\\@*\s]+\/?$/i.test(text)) return { problem: example }
  return URL.canParse(text) ? { value: new URL(text).origin } : { problem: example }
}

/** Reads where a remote Better Auth is: an http(s) origin, with a path where it lives below one. No slash at the end. */
export function parseAuthUrl(text: string): Parsed<string> {
  const example = 'expected a URL such as http://auth:3000'
  if (/^https?:\/\/[^/?#]*@/i.test(text)) return { problem: 'this URL cannot hold credentials' }
  if (/[?#]/.test(text)) return { problem: 'this URL cannot hold a query or a fragment' }
  if (!/^https?:\/\/[^/\\*\s]+(?:\/[A-Za-z0-9._~-]+)*\/?$/i.test(text)) return { problem: example }
  if (!URL.canParse(text)) return { problem: example }
  return { value: new URL(text).href.replace(/\/$/, '') }
}

/** Reads where an issuer publishes its keys: an http(s) URL, without credentials. */
export function parseKeySetUrl(text: string): Parsed<string> {
  const example = 'expected a URL such as https://auth.example.com/api/auth/jwks'
  if (/^https?:\/\/[^/?#]*@/i.test(text)) return { problem: 'this URL cannot hold credentials' }
  if (text.includes('#')) return { problem: 'this URL cannot hold a fragment' }
  if (!/^https?:\/\/[^/\\*\s]+\/[^\\\s]*$/i.test(text)) return { problem: example }
  return URL.canParse(text) ? { value: new URL(text).href } : { problem: example }
}

const hostName =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)*$/i

/** Reads `host:port`, `[v6]:port` or a port alone, which listens on `defaultHost`. Port 0 lets the system choose. */
export function parseListen(value: string | number, defaultHost: string): Parsed<ListenAddress> {
  const example = 'expected host:port such as 127.0.0.1:8080 or [::]:8080, or a port'
  const match = /^(?:(.+):)?(\d{1,5})$/.exec(String(value))
  const [, written, digits = ''] = match ?? []
  if (match === null) return { problem: example }
  const port = Number(digits)
  if (port > 65_535) return { problem: 'a port is a number from 0 to 65535' }
  if (written === undefined) return { value: { host: defaultHost, port } }
  const bracketed = /^\[(.+)\]$/.exec(written)?.[1]
  if (bracketed !== undefined) {
    return isIPv6(bracketed) ? { value: { host: bracketed, port } } : { problem: example }
  }
  if (written.includes(':')) return { problem: 'an IPv6 address is written in brackets: [::]:8080' }
  return isHostName(written)
    ? { value: { host: written.toLowerCase(), port } }
    : { problem: example }
}

/** Reads one value of a `Host` header (RFC 9110 §7.2), lower case, with its port where one is written. */
export function parseHost(text: string): Parsed<string> {
  const example = 'expected a host name such as app.example.com or app.example.com:8443'
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i.exec(text)
  const [, name = '', port = '0'] = match ?? []
  const isKnown = name.startsWith('[') ? isIPv6(name.slice(1, -1)) : isHostName(name)
  if (match === null || !isKnown || Number(port) > 65_535) return { problem: example }
  return { value: text.toLowerCase() }
}

/** Reads the name of a host without a port; an address is none, because TLS does not ask for it by name (RFC 6066 §3). */
export function parseHostName(text: string): Parsed<string> {
  return isHostName(text) && !isIPv4(text)
    ? { value: text.toLowerCase() }
    : { problem: 'expected a host name such as api.internal' }
}

/** Reads where Redis is; an empty text is null: there is none. The value may hold a password and is never repeated. */
export function parseRedisUrl(text: string): Parsed<string | null> {
  if (text === '') return { value: null }
  if (!/^rediss?:\/\//i.test(text)) {
    return { problem: 'expected a URL such as redis://localhost:6379 (rediss:// for TLS)' }
  }
  const escape = 'a / ? or # of a password is percent-encoded'
  if (!URL.canParse(text)) return { problem: `expected redis://host:port; ${escape}` }
  const { hostname, pathname, port } = new URL(text)
  if (hostname === '' || !/^(?:\/\d*)?$/.test(pathname) || /[?#]/.test(text) || port === '0') {
    const allowed = 'only credentials, host, port and the number of a database are allowed here'
    return { problem: `${allowed}; ${escape}` }
  }
  return { value: text }
}

/** Reads an address or a CIDR block, IPv4 or IPv6. */
export function parseNetwork(text: string): Parsed<string> {
  const example = 'expected an address or a CIDR block such as 10.0.0.0/8 or fd00::/8'
  const match = /^([0-9a-f:.]+)(?:\/(\d{1,3}))?$/i.exec(text)
  const [, address = '', prefix = '0'] = match ?? []
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1
  return match !== null && Number(prefix) <= bits
    ? { value: text.toLowerCase() }
    : { problem: example }
}

/** Reads a domain as it stands behind the @ of an e-mail address. */
export function parseDomain(text: string): Parsed<string> {
  return isHostName(text) && text.includes('.') && !isIPv4(text)
    ? { value: text.toLowerCase() }
    : { problem: 'expected a domain such as example.com' }
}

function isHostName(text: string): boolean {
  // What ends in a number is an address (WHATWG URL §3.5), so 1.2.3.400 is no name.
  return /(?:^|\.)\d+$/.test(text) ? isIPv4(text) : hostName.test(text)
}

function isIPv4(text: string): boolean {
  return /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(text)
}

function isIPv6(text: string): boolean {
  return /^[0-9a-f:.]+$/i.test(text) && text.includes(':') && URL.canParse(`http://[${text}]/`)
}

import type { IncomingMessage } from 'node:http'
import { isIP, isIPv4 } from 'node:net'
import proxyAddr from '@fastify/proxy-addr'
import { groupsOf, mappedIpv4 } from './ipv6.ts'

/** Whether a peer's `X-Forwarded-For` is believed; `hop` counts from our side. */
export type Trusts = (address: string, hop: number) => boolean

/** Compiles `trustedProxies`: addresses and CIDR blocks. */
export function compileTrust(trustedProxies: readonly string[]): Trusts {
  return trustedProxies.length === 0 ? nobody : proxyAddr.compile(trustedProxies.flatMap(halves))
}

const nobody: Trusts = () => false

/** The library takes no block that is everything, but the two halves of it. */
function halves(block: string): readonly string[] {
  if (!block.endsWith('/0')) return [block]
  return block.includes(':') ? ['::/1', '8000::/1'] : ['0.0.0.0/1', '128.0.0.0/1']
}

/**
 * The address of the client: the socket's, or what the proxies that are trusted say of it. Without port and zone; IPv4 in its plain
 * form, IPv6 in lower case. Empty when the socket has gone already.
 *
 * `X-Forwarded-For` is read from its end, where the nearest proxy wrote: as long as who speaks is trusted, what it says it saw is
 * believed. Where that is no address the walk ends at whoever said it, so that no client is counted under a word of its choice.
 */
export function addressOf({ socket, headers }: IncomingMessage, trusts: Trusts): string {
  const { remoteAddress } = socket
  if (remoteAddress === undefined) return ''
  let address = toPlain(remoteAddress)
  if (trusts === nobody) return address
  const forwarded = headers['x-forwarded-for']
  // Node joins repeated headers in their order, with commas.
  if (typeof forwarded !== 'string') return address
  let end = forwarded.length
  for (let hop = 0; end > 0 && trusts(address, hop);) {
    const start = forwarded.lastIndexOf(',', end - 1) + 1
    const said = forwarded.slice(start, end).trim()
    end = start - 1
    // RFC 9110 §5.6.1.2: an empty member of a list is none.
    if (said === '') continue
    const next = readAddress(said)
    if (next === null) break
    address = next
    hop += 1
  }
  return address
}

/** The address of whoever holds the other end of a connection; empty when it has gone already. */
export function plainAddressOf({
  remoteAddress,
}: {
  readonly remoteAddress?: string | undefined
}): string {
  return remoteAddress === undefined ? '' : toPlain(remoteAddress)
}

/** An address as proxies write it: bare, IPv6 also in brackets, with a port or without. Null for anything else. */
function readAddress(text: string): string | null {
  if (isIP(text) !== 0) return toPlain(text)
  const bracketed = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text)?.[1]
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? toPlain(bracketed) : null
  const withPort = /^([\d.]+):\d{1,5}$/.exec(text)?.[1]
  return withPort !== undefined && isIPv4(withPort) ? withPort : null
}

function toPlain(address: string): string {
  if (!address.includes(':')) return address
  const lower = (address.split('%')[0] ?? '').toLowerCase()
  // The form in which Node writes IPv4 peers of a socket that speaks both.
  if (lower.startsWith('::ffff:') && lower.includes('.')) return lower.slice(7)
  return /^[0:]/.test(lower) ? (mappedIpv4(groupsOf(lower)) ?? lower) : lower
}

/** Whether a connection comes from a proxy that is trusted. */
export function isTrustedPeer(
  { socket: { remoteAddress } }: IncomingMessage,
  trusts: Trusts,
): boolean {
  return remoteAddress !== undefined && trusts(toPlain(remoteAddress), 0)
}

import type { IncomingMessage } from 'node:http'
import proxyAddr from '@fastify/proxy-addr'

/** Whether a peer's `X-Forwarded-For` is believed; `hop` counts from our side. */
export type Trusts = (address: string, hop: number) => boolean

/** Compiles `trustedProxies`: addresses and CIDR blocks. */
export function compileTrust(trustedProxies: readonly string[]): Trusts {
  return trustedProxies.length === 0 ? nobody : proxyAddr.compile([...trustedProxies])
}

const nobody: Trusts = () => false

/**
 * The address of the client: the socket's, or what the proxies that are trusted say of it. IPv4 in its plain form.
 * Empty when the socket has gone already.
 */
export function addressOf(request: IncomingMessage, trusts: Trusts): string {
  const { remoteAddress } = request.socket
  if (remoteAddress === undefined) return ''
  const address = trusts === nobody ? remoteAddress : proxyAddr(request, trusts)
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

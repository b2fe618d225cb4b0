import type { GatewayConfig } from '../config/types.ts'
import { refuse, type Refusal } from '../errors/refusal.ts'
import type { RequestHead } from '../head.ts'

/** The `Host` values that are ours, lower case. */
export interface KnownHosts {
  readonly exact: ReadonlySet<string>
  /** In `dev`, loopback names are accepted with any port. */
  readonly loopback: boolean
}

const loopbackHost = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/

/** The hosts of a configuration: `publicUrl`, `server.hosts`, and what routes name. */
export function knownHosts(config: GatewayConfig, dev: boolean): KnownHosts {
  const { publicUrl, hosts } = config.server
  const named = config.routes.flatMap(({ match }) => match.hosts ?? [])
  const more = [...hosts, ...named].flatMap((name) => hostForms(name, publicUrl))
  return { exact: new Set([new URL(publicUrl).host, ...more]), loopback: dev }
}

/** The `Host` values that a configured name stands for: without a port, also with that of `publicUrl`. */
export function hostForms(name: string, publicUrl: string): readonly string[] {
  const { port } = new URL(publicUrl)
  return port === '' || /:\d+$/.test(name) ? [name] : [name, `${name}:${port}`]
}

/** RFC 9112 §3.2: `Host` occurs once and names us. Returns the refusal, or null. */
export function checkHost(head: RequestHead, hosts: KnownHosts): Refusal | null {
  if (head.host === null || head.repeated === 'host') {
    return refuse('host_unknown', { detail: 'A request carries exactly one Host header.' })
  }
  const host = head.host.toLowerCase()
  if (hosts.exact.has(host)) return null
  return hosts.loopback && loopbackHost.test(host) ? null : refuse('host_unknown')
}

import type { GatewayConfig } from '../../config/types.ts'
import { knownHosts } from '../../routing/host.ts'
import { toChange, type Change } from '../change.ts'
import { finding } from '../rules.ts'
import { added } from '../values.ts'

/** The hosts that routes of either configuration name and the later one still accepts, without their twins with a port. */
export function hostsOfRoutes(before: GatewayConfig, after: GatewayConfig): readonly string[] {
  const accepted = knownHosts(after, false).exact
  return [...new Set([...namedIn(before), ...namedIn(after)])].filter((host) => accepted.has(host))
}

/** Hosts that only routes name: those of `server.hosts` are compared there. */
export function compareHosts(before: GatewayConfig, after: GatewayConfig): readonly Change[] {
  const key = 'match.host'
  const [old, next] = [before, after].map((config) => [...knownHosts(config, false).exact])
  const [a, b] = [namedIn(before), namedIn(after)]
  return [
    ...b
      .filter((host) => old?.includes(host) !== true)
      .map((host) => finding('changes', key, `+${host}`, `: requests to ${host} are accepted`)),
    ...added(b, a)
      .filter((host) => next?.includes(host) !== true)
      .map((host) =>
        finding('tightens', key, `-${host}`, `: requests to ${host} are no longer accepted`),
      ),
  ].map((each) => toChange(each))
}

/** With the port of `publicUrl` a host is the same as without. */
function namedIn({ routes, server }: GatewayConfig): readonly string[] {
  const { port } = new URL(server.publicUrl)
  const hosts = [...new Set(routes.flatMap(({ match }) => match.hosts ?? []))]
  return hosts.filter((host) => !hosts.some((each) => host === `${each}:${port}`))
}

import { randomBytes } from 'node:crypto'
import { isIPv4 } from 'node:net'
import type { Clock } from '../../clock.ts'
import type { GatewayConfig } from '../../config/types.ts'
import { StartupError } from '../../errors/startup.ts'
import { createForge } from './forge.ts'
import { Masks } from './masks.ts'
import { bareProbes, leader } from './probes.ts'
import { groundOf, type Range } from './stage.ts'

/**
 * Aims at the gateway of a configuration that is really listening. Nobody is signed in, and no secret of the configuration is used: who really listens
 * there is not known. Throws a `StartupError` for every address that is not of this machine alone.
 */
export function aimAtRunning(
  config: GatewayConfig,
  clock: Clock,
): Range & { readonly run: string } {
  const { listen, tls } = config.server
  const host = loopbackOf(listen.host)
  if (host === null) {
    throw new StartupError(
      `server.listen: ${listen.host} is not a loopback address: attack fires at nothing else. Without --running it needs no gateway`,
    )
  }
  if (listen.port === 0) throw new StartupError('server.listen: port 0 names no gateway')
  const forge = createForge(config, {
    masks: new Masks(),
    issuers: [],
    knowsSecrets: false,
    nowMs: clock.now(),
  })
  const probes = bareProbes(config).map((bare) => ({ ...bare, callers: [], closed: null }))
  return {
    ground: { ...groundOf(config, forge), probes, leadsTo: leader(config), isRunning: true },
    door: { host, port: listen.port, isTls: tls !== null },
    arrivals: null,
    aim: () => undefined,
    close: () => Promise.resolve(),
    run: randomBytes(4).toString('hex'),
  }
}

/** The address to connect to; null where a host is not of this machine alone. Names are not looked up: who answers for them is not known here. */
export function loopbackOf(host: string): string | null {
  if (host === 'localhost' || host === '::1') return host
  return isIPv4(host) && host.startsWith('127.') ? host : null
}

import type { FastifyBaseLogger } from 'fastify'
import type { TicketStore } from '../../authn/ticket/store.ts'
import type { Clock } from '../../clock.ts'
import type { GatewayConfig } from '../../config/types.ts'
import { MemoryTickets } from './memory.ts'
import { RedisTickets } from './redis.ts'

export interface OpenTickets {
  readonly store: TicketStore
  readonly close: () => void
}

/**
 * Opens what tickets are kept in: Redis where there is one, else the auth database, else the memory of this process, which is said in the log.
 * @param auth gives out what gateways with the same database share, or null where Better Auth keeps it elsewhere
 */
export function openTickets(
  { redis, server }: Pick<GatewayConfig, 'redis' | 'server'>,
  auth: { readonly createTickets: () => OpenTickets | null },
  { clock: { now }, logger }: { readonly clock: Clock; readonly logger: FastifyBaseLogger },
): OpenTickets {
  if (redis !== null) {
    const prefix = `sallyport:${new URL(server.publicUrl).host}:ticket:`
    const store = new RedisTickets(redis.url, prefix)
    return {
      store,
      close: () => {
        store.close()
      },
    }
  }
  const shared = auth.createTickets()
  if (shared !== null) return shared
  logger.warn('tickets are kept in the memory of this process: with several gateways, set `redis`')
  return { store: new MemoryTickets(now), close: () => undefined }
}

import { addedFields } from '../assertion/sources.ts'
import type { GatewayConfig } from '../config/types.ts'

/** What a running gateway cannot change, by the key that an operator would look for. */
const fixed: Readonly<Record<string, (config: GatewayConfig) => unknown>> = {
  'server.listen': ({ server }) => server.listen,
  'server.publicUrl': ({ server }) => server.publicUrl,
  'server.tls': ({ server }) => server.tls,
  'admin.listen': ({ admin }) => admin?.listen,
  audit: ({ audit }) => audit,
  auth: ({ auth }) => auth,
  // It adds to what Better Auth can do, and to its tables.
  'bearer.apiKeys': ({ bearer }) => bearer.apiKeys,
  redis: ({ redis }) => redis,
  'the fields in identity that Better Auth adds to its users': ({ identity }) =>
    addedFields(identity),
}

/** Every key of which `needsRestart` can speak. */
export const restartKeys: readonly string[] = Object.keys(fixed)

/**
 * The keys in which two configurations differ and that only a restart can change. Such a file is refused as a whole: half of
 * it in force would be a configuration that nobody wrote. Pure.
 */
export function needsRestart(running: GatewayConfig, next: GatewayConfig): readonly string[] {
  return Object.entries(fixed)
    .filter(([, read]) => JSON.stringify(read(running)) !== JSON.stringify(read(next)))
    .map(([key]) => key)
}

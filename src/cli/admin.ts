import type { AdminConfig } from '../config/types.ts'

/** Where a command on this machine finds the admin listener: an origin, without a slash at its end. */
export function adminOrigin({ listen: { host, port } }: AdminConfig): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

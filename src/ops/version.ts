import { readFileSync } from 'node:fs'

/** The same file for `src`, which a checkout runs, and for `dist`. */
const manifest = new URL('../../package.json', import.meta.url)

/** Version of the gateway; null where its `package.json` cannot be read. */
export function gatewayVersion(): string | null {
  try {
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version?: unknown }
    return typeof version === 'string' ? version : null
  } catch {
    return null
  }
}

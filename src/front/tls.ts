import { readFileSync } from 'node:fs'
import type { TlsConfig } from '../config/types.ts'
import { StartupError } from '../errors/startup.ts'

/** Certificate and key of the public port, PEM. */
export interface TlsFiles {
  readonly cert: Buffer
  readonly key: Buffer
}

/** Reads the files. Throws a `StartupError` that names the key of the configuration. */
export function readTls(config: TlsConfig | null): TlsFiles | null {
  if (config === null) return null
  return {
    cert: readPem('server.tls.cert', config.certFile),
    key: readPem('server.tls.key', config.keyFile),
  }
}

function readPem(key: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new StartupError(`${key}: ${file} cannot be read (${String((error as NodeJS.ErrnoException).code)})`)
  }
}

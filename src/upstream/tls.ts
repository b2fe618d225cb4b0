import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { UpstreamConfig, UpstreamTlsConfig } from '../config/types.ts'
import { StartupError } from '../errors/startup.ts'
import type { Target } from './port.ts'

/** What connections to one https target are opened with. */
export interface UpstreamTls {
  readonly secureContext: SecureContext
  /** The name the certificate must have; undefined where that is the target's IP address. */
  readonly servername: string | undefined
  /** The same as options, for what opens its connections by itself. */
  readonly options: NonNullable<Target['tls']>
}

interface Credentials {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/**
 * Reads the certificates of an upstream, once; a restart reads them again. Throws a `StartupError` that names the key when a
 * file is missing, is no PEM, or when certificate and key are no pair. Whether a certificate is still valid is not checked.
 *
 * @returns the options for each target by its origin; null for http
 */
export function createUpstreamTls(config: UpstreamConfig): (origin: string) => UpstreamTls | null {
  const place = `upstreams.${config.name}.tls`
  if (!config.targets.some((origin) => origin.startsWith('https:'))) return () => null
  const credentials = config.tls === null ? {} : readCredentials(config.tls, place)
  const secureContext = toContext(credentials, place)
  return (origin) => {
    const { protocol, hostname } = new URL(origin)
    if (protocol !== 'https:') return null
    // RFC 6066 §3: an address is no server name. It is looked for in the certificate all the same.
    const own = isAddress(hostname) ? undefined : hostname
    const servername = config.tls?.serverName ?? own
    const name = servername === undefined ? {} : { servername }
    // Said, because an environment variable of Node's would otherwise turn it off.
    const options = { ...credentials, ...name, secureContext, rejectUnauthorized: true }
    return { secureContext, servername, options }
  }
}

function readCredentials(tls: UpstreamTlsConfig, place: string): Credentials {
  const { caFile, clientCert } = tls
  return {
    ...(caFile === null ? {} : { ca: readCertificates(caFile, `${place}.ca`) }),
    ...(clientCert === null
      ? {}
      : {
          cert: readCertificates(clientCert.certFile, `${place}.cert`),
          key: readPem(clientCert.keyFile, `${place}.key`),
        }),
  }
}

/** Node ignores what is no certificate in a list of CAs, and would then trust nobody without saying so. */
function readCertificates(file: string, key: string): string {
  const text = readPem(file, key)
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    for (const block of blocks) new X509Certificate(block)
  } catch {
    throw new StartupError(`${key}: ${file} holds a certificate that cannot be read`)
  }
  if (blocks.length === 0) throw new StartupError(`${key}: ${file} holds no certificate in PEM`)
  return text
}

function readPem(file: string, key: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const reason = code === 'ENOENT' ? 'does not exist' : `cannot be read (${String(code)})`
    throw new StartupError(`${key}: ${file} ${reason}`)
  }
}

function toContext(credentials: Credentials, place: string): SecureContext {
  try {
    return createSecureContext(credentials)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') {
      throw new StartupError(`${place}.key: this is not the key of ${place}.cert`)
    }
    throw new StartupError(
      `${place}.key: the file holds no private key in PEM without a passphrase`,
    )
  }
}

/** Whether the hostname of a URL is an IP address; there, IPv6 has brackets. */
export function isAddress(hostname: string): boolean {
  return hostname.startsWith('[') || isIP(hostname) !== 0
}

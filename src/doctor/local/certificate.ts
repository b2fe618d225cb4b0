import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { ServerConfig } from '../../config/types.ts'
import { StartupError } from '../../errors/startup.ts'
import { Certificate } from '../../front/tls.ts'
import { createLogger } from '../../ops/log.ts'
import { problem, skipped, type Finding } from '../check.ts'
import { judgeDates } from '../wire/certificate.ts'

const place = 'server.tls.cert'

/** The certificate that the gateway itself shows: that it can be read, fits its key, is for the public host, and for how long. */
export function judgeOwnCertificate({ tls, publicUrl }: ServerConfig, nowMs: number): Finding {
  if (tls === null) return skipped('server.tls is not configured: the gateway speaks http')
  try {
    const { cert } = new Certificate(tls, createLogger('silent')).pair
    return judgePem(cert, new URL(publicUrl).hostname, nowMs)
  } catch (error) {
    if (!(error instanceof StartupError)) throw error
    return problem(
      error.message,
      'Name a certificate and the key that belongs to it, both in PEM and readable.',
    )
  }
}

function judgePem(pem: Buffer, host: string, nowMs: number): Finding {
  const leaf = new X509Certificate(pem)
  const dates = judgeDates(
    place,
    { fromMs: Date.parse(leaf.validFrom), toMs: Date.parse(leaf.validTo) },
    nowMs,
  )
  if (dates.verdict === 'problem' || isFor(leaf, host)) return dates
  return problem(
    `${place} is not for ${host}, which is the host of server.publicUrl`,
    `Get a certificate for ${host}, or correct server.publicUrl.`,
  )
}

function isFor(leaf: X509Certificate, host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '')
  return (isIP(name) === 0 ? leaf.checkHost(name) : leaf.checkIP(name)) !== undefined
}

import { configSchema } from '../schema.ts'
import type {
  AdminConfig,
  AuditConfig,
  LogConfig,
  PagesConfig,
  RedisConfig,
  ServerConfig,
  VerifyConfig,
} from '../types.ts'
import type { DocumentReader } from './reader.ts'

const { shape } = configSchema

/** `resolvePath` makes a path of the file absolute. */
export function readServer(
  reader: DocumentReader,
  resolvePath: (path: string) => string,
): ServerConfig | null {
  const server = reader.read(shape.server, ['server'])
  if (server === null) return null
  const { listen, publicUrl, hosts, trustedProxies, tls, limits, shutdown } = server
  return {
    listen,
    publicUrl,
    hosts,
    trustedProxies,
    tls: tls && { certFile: resolvePath(tls.cert), keyFile: resolvePath(tls.key) },
    limits,
    shutdown: { drainMs: shutdown.drain, graceMs: shutdown.grace },
  }
}

/** undefined: wrong; null: turned off. */
export function readAdmin(reader: DocumentReader): AdminConfig | null | undefined {
  const admin = reader.read(shape.admin, ['admin'])
  if (admin === null) return undefined
  return admin === 'none' ? null : { listen: admin.listen, token: admin.token }
}

/** `resolvePath` makes a path of the file absolute. */
export function readAudit(
  reader: DocumentReader,
  resolvePath: (path: string) => string,
): AuditConfig | null {
  const audit = reader.read(shape.audit, ['audit'])
  if (audit === null) return null
  return typeof audit === 'string'
    ? { kind: audit }
    : { kind: 'file', file: resolvePath(audit.file) }
}

/** `resolvePath` makes a path of the file absolute. */
export function readPages(
  reader: DocumentReader,
  resolvePath: (path: string) => string,
): PagesConfig | null {
  const pages = reader.read(shape.pages, ['pages'])
  if (pages === null) return null
  const { name, logo } = pages
  return { name, logoFile: logo === null ? null : resolvePath(logo) }
}

/** @param routes their names, in the order of the file */
export function readLog(reader: DocumentReader, routes: readonly string[]): LogConfig | null {
  const log = reader.read(shape.log, ['log'])
  if (log === null) return null
  const { access } = log
  if (typeof access === 'boolean') return { access: access ? { except: [] } : null }
  for (const [index, name] of access.except.entries()) {
    if (routes.includes(name)) continue
    const path = ['log', 'access', 'except', index]
    reader.error(path, `there is no route ${JSON.stringify(name)}`)
  }
  return { access }
}

/** null: there is none, or it is wrong. */
export function readRedis(reader: DocumentReader): RedisConfig | null {
  const path = ['redis']
  const url = reader.read(shape.redis, path)
  if (url === null) return null
  if (new URL(url).password !== '' && reader.isLiteral(path)) {
    reader.warn(path, 'a password in this file can be read by whoever reads the file: use ${NAME}')
  }
  return { url }
}

/** null: there is none, or it is wrong. */
export function readVerify(reader: DocumentReader): VerifyConfig | null {
  const verify = reader.read(shape.verify, ['verify'])
  for (const [index, network] of (verify?.from ?? []).entries()) {
    if (!network.endsWith('/0')) continue
    reader.warn(
      ['verify', 'from', index],
      'everybody may now ask, and say who they are to be taken for',
    )
  }
  return verify
}

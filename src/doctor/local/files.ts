import { existsSync, statSync } from 'node:fs'
import type { GatewayConfig } from '../../config/types.ts'
import { ok, skipped, warning, type Finding } from '../check.ts'

/** The files that hold keys, besides those that the configuration was read from. */
export function keyFiles({ server, upstreams, auth }: GatewayConfig): readonly string[] {
  const clientKeys = Object.values(upstreams).flatMap(({ tls }) =>
    tls?.clientCert ? [tls.clientCert.keyFile] : [],
  )
  const { database } = auth
  const isFile = auth.remote === null && database.kind === 'sqlite' && database.file !== ':memory:'
  return [
    ...(server.tls === null ? [] : [server.tls.keyFile]),
    ...clientKeys,
    ...(isFile ? [database.file] : []),
  ]
}

/** Whether anybody on this machine can read what nobody but the gateway should. Not asked on Windows, which has no such modes. */
export function judgeFiles(files: readonly string[], platform: NodeJS.Platform): Finding {
  if (platform === 'win32') return skipped('file modes say nothing on Windows')
  const there = [...new Set(files)].filter((file) => existsSync(file))
  const open = there.filter((file) => (statSync(file).mode & 0o004) !== 0)
  if (open.length > 0) {
    return warning(
      `anybody on this machine can read ${open.join(', ')}`,
      `Run: chmod o-rwx ${open.join(' ')}`,
    )
  }
  const count = there.length
  return ok(
    count === 0
      ? 'no secret is read from a file'
      : `${count === 1 ? '1 file with secrets is' : `${count} files with secrets are`} closed to others`,
  )
}

import { statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { GatewayConfig } from '../config/types.ts'

interface Folder {
  readonly route: string
  readonly dir: string
  readonly fallback: string | null
}

function foldersOf(config: GatewayConfig): readonly Folder[] {
  return config.routes.flatMap(({ name, serve }) =>
    serve.kind === 'static' ? [{ route: name, dir: serve.dir, fallback: serve.fallback }] : [],
  )
}

/**
 * Says which static route would hand out what nobody may have (the database, the key of the certificate, the module with the
 * options of Better Auth), or null. Paths are compared as they are written: links are not followed.
 */
export function judgeFolders(config: GatewayConfig): string | null {
  const secrets = {
    'auth.database': config.auth.database.kind === 'sqlite' ? config.auth.database.file : null,
    'auth.module': config.auth.module,
    'server.tls.key': config.server.tls?.keyFile ?? null,
  }
  for (const { route, dir } of foldersOf(config)) {
    for (const [key, file] of Object.entries(secrets)) {
      if (file === null || file === ':memory:' || !isBelow(dir, file)) continue
      return `the folder of route "${route}" holds the file of ${key}: everybody could read it`
    }
  }
  return null
}

/** Names that begin with a dot are never served. */
function isBelow(dir: string, file: string): boolean {
  const path = relative(dir, file)
  return path !== '' && !path.startsWith(sep) && !path.split(sep).some((name) => name[0] === '.')
}

/** What is missing of the static routes, a sentence each. They answer 404 until it is there, so this is no reason not to start. */
export function missingFolders(config: GatewayConfig): readonly string[] {
  return foldersOf(config).flatMap(({ route, dir, fallback }) => {
    const of = `static route "${route}":`
    if (!is('directory', dir)) return [`${of} there is no folder ${dir}`]
    if (fallback === null || is('file', join(dir, fallback))) return []
    return [`${of} there is no file ${join(dir, fallback)}`]
  })
}

function is(kind: 'file' | 'directory', path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false })
  return (kind === 'file' ? stats?.isFile() : stats?.isDirectory()) === true
}

import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import type { DatabaseConfig } from '../../config/types.ts'
import { StartupError } from '../../errors/startup.ts'
import { openCsv } from './csv.ts'
import { openPostgresSource } from './postgres.ts'
import type { UserSource } from './port.ts'
import { openSqliteSource } from './sqlite.ts'

/** Where users are to be found. */
export type SourcePlace =
  | { readonly kind: 'postgres'; readonly url: string }
  | { readonly kind: 'sqlite' | 'csv'; readonly file: string }

/**
 * Reads what `--from` says. URLs may be those of SQLAlchemy, with the name of a driver. Throws a `StartupError` that does not repeat it: it may
 * hold a password.
 */
export function parsePlace(text: string): SourcePlace {
  const postgres = /^postgres(?:ql)?(?:\+\w+)?:\/\/(.*)$/s.exec(text)?.[1]
  if (postgres !== undefined) {
    const url = `postgres://${postgres}`
    if (URL.canParse(url)) return { kind: 'postgres', url }
    throw new StartupError(
      '--from: expected postgres://user:password@host/database; a / ? or # of a password is percent-encoded',
    )
  }
  // SQLAlchemy's three slashes, before a path that is relative or has a fourth.
  const sqlite = /^sqlite(?:\+\w+)?:(?:\/\/\/)?(.+)$/s.exec(text)?.[1]
  if (sqlite !== undefined) return { kind: 'sqlite', file: sqlite }
  if (/\.csv$/i.test(text)) return { kind: 'csv', file: text }
  throw new StartupError(
    '--from: expected postgres://user:password@host/database, sqlite:FILE or FILE.csv',
  )
}

/** Opens it for reading. Rejects with a `StartupError` of one sentence. @param table null: as it is usually called */
export async function openSource(place: SourcePlace, table: string | null): Promise<UserSource> {
  switch (place.kind) {
    case 'postgres':
      return openPostgresSource(place.url, table)
    case 'sqlite':
      return openSqliteSource(place.file, table)
    case 'csv':
      if (table !== null) throw new StartupError('--table: a file has no tables')
      return openCsv(place.file)
  }
}

/**
 * Whether what is read is called as Better Auth calls its own table, in the database where it has it: one of the two would be taken for the other. Not
 * seen: that one database has two addresses.
 */
export function isOwnTable(
  place: SourcePlace,
  table: string | null,
  target: DatabaseConfig,
  own: string,
): boolean {
  return table === own && isSameDatabase(place, target)
}

function isSameDatabase(place: SourcePlace, target: DatabaseConfig): boolean {
  if (place.kind === 'postgres') {
    return target.kind === 'postgres' && placeOf(place.url) === placeOf(target.url)
  }
  return target.kind === 'sqlite' && realPath(place.file) === realPath(target.file)
}

/** Without who connects. The options may name a schema. */
function placeOf(url: string): string {
  const { hostname, port, pathname, searchParams } = new URL(url)
  return [hostname, port || '5432', pathname, searchParams.get('options') ?? ''].join(' ')
}

function realPath(file: string): string {
  try {
    return realpathSync(file)
  } catch {
    return resolve(file)
  }
}

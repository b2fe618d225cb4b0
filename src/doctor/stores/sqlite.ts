import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { SqliteConfig } from '../../config/types.ts'
import { openForReading } from '../../session/embedded/store/look.ts'
import { StartupError } from '../../errors/startup.ts'
import { ok, problem, warning, type Finding } from '../check.ts'

// Magic numbers of Linux (statfs(2)): NFS, SMB, CIFS, SMB2, AFS, Ceph, 9P, GFS2, Lustre.
const remoteFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x01021997, '9P'],
  [0x01161970, 'GFS2'],
  [0x0bd00bd0, 'Lustre'],
])

/** The network file system of which this is the type, or null. Other systems number theirs differently. */
export function remoteFileSystem(type: number, platform: NodeJS.Platform): string | null {
  return platform === 'linux' ? (remoteFileSystems.get(type >>> 0) ?? null) : null
}

/** Whether the file is there, can be read, and could be written; it is not. */
export function checkSqlite({ file }: SqliteConfig): Finding {
  if (file === ':memory:') {
    return warning(
      'auth.database is in memory: accounts end with the process',
      'Name a file or PostgreSQL in auth.database.',
    )
  }
  if (!existsSync(file)) {
    return warning(
      `there is no database at ${file} yet`,
      'Run `sallyport migrate`, or `sallyport start`, which makes it.',
    )
  }
  const unwritable = [file, dirname(file)].find((path) => !isWritable(path))
  if (unwritable !== undefined) {
    return problem(
      `${unwritable} is read-only for this user`,
      'Let the user of the gateway write the file and its folder: SQLite needs both.',
    )
  }
  try {
    openForReading(file).close()
  } catch (error) {
    if (!(error instanceof StartupError)) throw error
    return problem(error.message, 'Restore the file from a backup, or name the right one.')
  }
  const remote = remoteFileSystem(statfsSync(file).type, process.platform)
  if (remote === null) return ok(`${file} can be read and written`)
  return warning(
    `${file} is on a network file system (${remote}), where the locks of SQLite are not reliable`,
    'Move it to a local disk, or use PostgreSQL.',
  )
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, type QueryResultRow } from 'pg'
import type { Test } from 'tap'
import { freePort } from '../program.ts'
import { findProgram, missing } from './installed.ts'

/** A PostgreSQL of its own for one test. */
export interface TestPostgres {
  readonly url: string
  readonly query: <Row extends QueryResultRow>(sql: string, values?: unknown[]) => Promise<Row[]>
  /** Stops all of its processes without ending them: connections stay open and nobody answers. */
  readonly freeze: () => void
  readonly thaw: () => void
  readonly kill: () => Promise<void>
  /** Starts it again on the same port, with what it held. */
  readonly start: () => Promise<void>
}

interface Owner {
  readonly uid?: number
  readonly gid?: number
}

/**
 * Starts PostgreSQL on a free port with an empty database; it is ended with the test. Null where there is none: the test is then
 * skipped aloud, or fails when `CI=true`. Looks at `$POSTGRES_BIN`, at Debian's places, then along `PATH`.
 */
export async function startPostgres(t: Test): Promise<TestPostgres | null> {
  const program = findPostgres()
  if (program === null) {
    return missing(t, 'no PostgreSQL: set POSTGRES_BIN or install the package "postgresql"')
  }
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-postgres-'))
  const owner = ownerOf(folder)
  const data = join(folder, 'data')
  const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '-N', '-E', 'UTF8', '--no-locale']
  execFileSync(join(dirname(program), 'initdb'), initdb, { ...owner, cwd: folder, stdio: 'ignore' })
  const url = `postgres://postgres@127.0.0.1:${String(port)}/postgres`
  let server: ChildProcess | null = null
  const start = async (): Promise<void> => {
    const settings = {
      port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      fsync: 'off',
    }
    const set = Object.entries(settings).flatMap(([key, value]) => [
      '-c',
      `${key}=${String(value)}`,
    ])
    server = spawn(program, ['-D', data, ...set], { ...owner, cwd: folder, stdio: 'ignore' })
    while (!(await query(url, 'SELECT 1').catch(() => null))) await sleep(20)
  }
  const signal = (name: NodeJS.Signals): void => {
    for (const pid of familyOf(server?.pid)) {
      try {
        process.kill(pid, name)
      } catch {
        // It has ended since.
      }
    }
  }
  const kill = async (): Promise<void> => {
    if (server === null || server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    signal('SIGCONT')
    // Immediate shutdown: as if the machine had lost its power.
    server.kill('SIGQUIT')
    await ended
  }
  t.teardown(async () => {
    await kill()
    rmSync(folder, { recursive: true, force: true })
  })
  await start()
  return {
    url,
    query: (sql, values) => query(url, sql, values),
    freeze: () => {
      signal('SIGSTOP')
    },
    thaw: () => {
      signal('SIGCONT')
    },
    kill,
    start,
  }
}

async function query<Row extends QueryResultRow>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Row>(sql, values)).rows
  } finally {
    await client.end()
  }
}

/** The server and the processes that it has started, which answer its clients. */
function familyOf(pid: number | undefined): readonly number[] {
  if (pid === undefined) return []
  const path = `/proc/${String(pid)}/task/${String(pid)}/children`
  const children = existsSync(path) ? readFileSync(path, 'utf8').trim().split(' ') : []
  return [pid, ...children.filter((child) => child !== '').map(Number)]
}

/** PostgreSQL does not run as root: there it is the user that its package has made. */
function ownerOf(folder: string): Owner {
  if (process.getuid?.() !== 0) return {}
  const [uid, gid] = ['-u', '-g'].map((flag) =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' })),
  ) as [number, number]
  chownSync(folder, uid, gid)
  return { uid, gid }
}

export function findPostgres(): string | null {
  const given = process.env['POSTGRES_BIN']
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort().reverse() : []
  const folders = versions.map((version) => join(debian, version, 'bin'))
  return findProgram('postgres', given === undefined || given === '' ? folders : [given])
}

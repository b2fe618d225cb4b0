import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { delimiter, join } from 'node:path'
import { findPython } from '../../deploy/demo/python.ts'

/** What we compare with and measure by, where it is installed. */
export interface Programs {
  readonly nginx: string | null
  readonly caddy: string | null
  readonly wrk: string | null
  /** A Python with FastAPI and uvicorn. */
  readonly python: string | null
}

export async function findPrograms(): Promise<Programs> {
  const python = await findPython()
  return {
    nginx: which('nginx'),
    caddy: which('caddy'),
    wrk: which('wrk'),
    python: python.kind === 'found' ? python.python : null,
  }
}

function which(name: string): string | null {
  // Debian keeps servers where only root looks.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** One line that says what a figure was measured with. */
export function describeVersions(programs: Programs): string {
  const parts = [
    `Node ${process.versions.node}`,
    `${cpus().length} processors (${cpus()[0]?.model ?? 'unknown'})`,
    ...['fastify', 'undici', 'better-auth', 'ws'].map((name) => `${name} ${packageVersion(name)}`),
    `nginx ${said(programs.nginx, ['-v'])}`,
    `Caddy ${said(programs.caddy, ['version'])}`,
    programs.wrk === null
      ? `autocannon ${packageVersion('autocannon')}`
      : `wrk ${said(programs.wrk, ['-v'])}`,
    pythonVersions(programs.python),
  ]
  return parts.join(', ')
}

function packageVersion(name: string): string {
  const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

/** The first thing that looks like a version in what a program prints, on either stream. */
function said(program: string | null, args: readonly string[]): string {
  if (program === null) return 'not installed'
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  return /\d+\.\d+(?:\.\d+)?/.exec(stdout + stderr)?.[0] ?? 'unknown'
}

function pythonVersions(python: string | null): string {
  if (python === null) return 'uvicorn not installed'
  const script = `import sys, importlib.metadata as m
print(f"Python {sys.version_info[0]}.{sys.version_info[1]}, fastapi {m.version('fastapi')}, uvicorn {m.version('uvicorn')}")`
  return execFileSync(python, ['-c', script], { encoding: 'utf8' }).trim()
}

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  demoFolder,
  findPython,
  remedy,
  requirementsFile,
  requirementsHash,
  stampFile,
  venvFolder,
  venvPython,
  type Found,
  type Missing,
} from '../python.ts'
import { runPython } from './process.ts'

export interface PrepareOptions {
  /** Called with one line at a time while something is being installed. */
  readonly onProgress?: (line: string) => void
  readonly signal?: AbortSignal
  readonly env?: NodeJS.ProcessEnv
}

const lockFolder = join(demoFolder, '.venv.lock')

/**
 * A Python that runs the demo: one that is there, or else a new `.venv` with what `requirements.txt` asks for. Safe to call
 * from several processes at once: one installs, the others wait for it.
 */
export async function preparePython(options: PrepareOptions = {}): Promise<Found | Missing> {
  const env = options.env ?? process.env
  const found = await findPython(env)
  if (found.kind === 'found') return found
  if (found.base === null) return advise(found.reason, null)
  await takeLock(options)
  try {
    // Another process may have finished the work while we waited.
    const again = await findPython(env)
    return again.kind === 'found' ? again : await createVenv(found.base, found.reason, options)
  } finally {
    await rm(lockFolder, { recursive: true, force: true })
  }
}

async function createVenv(
  base: string,
  reason: string,
  { onProgress = () => undefined, signal }: PrepareOptions,
): Promise<Found | Missing> {
  const options = {
    ...(signal === undefined ? {} : { signal }),
    onLine: progressFilter(onProgress),
  }
  onProgress(`creating deploy/demo/.venv with ${base}`)
  const created = await runPython(base, ['-m', 'venv', '--clear', venvFolder], options)
  const installed =
    created.code === 0
      ? await runPython(venvPython(), [...pipInstall, requirementsFile], options)
      : created
  if (installed.code !== 0) {
    await rm(venvFolder, { recursive: true, force: true })
    const why = lastLine(installed.stderr) ?? 'interrupted'
    return advise(`${reason}, and installing it failed (${why})`, base)
  }
  await writeFile(stampFile, `${await requirementsHash()}\n`)
  return { kind: 'found', python: venvPython() }
}

const pipInstall = [
  '-m',
  'pip',
  'install',
  '--disable-pip-version-check',
  '--no-input',
  '--progress-bar',
  'off',
  '--retries',
  '1',
  '-r',
]

/** Pip's words about what it fetches, without the half that repeats itself. */
function progressFilter(onProgress: (line: string) => void): (line: string) => void {
  return (line) => {
    const [, shown] = /^((?:Collecting|Installing|Successfully)[^(]*)/.exec(line) ?? []
    if (shown !== undefined) onProgress(shown.trim())
  }
}

function advise(reason: string, base: string | null): Missing {
  return { kind: 'missing', base, reason: `${reason}. ${remedy}` }
}

function lastLine(text: string): string | undefined {
  const lines = text.split('\n').map((line) => line.trim())
  return lines.filter((line) => line !== '' && !line.startsWith('[notice]')).at(-1)
}

async function takeLock({ onProgress, signal }: PrepareOptions): Promise<void> {
  const owner = join(lockFolder, 'pid')
  for (let attempt = 0; ; attempt += 1) {
    try {
      await mkdir(lockFolder)
      await writeFile(owner, String(process.pid))
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    if (attempt === 0) onProgress?.('waiting for another process that installs it')
    const pid = Number(await readFile(owner, 'utf8').catch(() => ''))
    if (pid > 0 && !isAlive(pid)) await rm(lockFolder, { recursive: true, force: true })
    else await delay(200, undefined, signal === undefined ? {} : { signal })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

import { constants } from 'node:fs'
import { access, readFile, realpath } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { delimiter, dirname, join } from 'node:path'
import { runPython } from './launch/process.ts'

/** A Python that can run the demo application as it is. */
export interface Found {
  readonly kind: 'found'
  /** The interpreter: an absolute path, or what `$PYTHON` says. */
  readonly python: string
}

/** None can; `reason` is one sentence. */
export interface Missing {
  readonly kind: 'missing'
  readonly reason: string
  /** An interpreter that could make a virtual environment, or null. */
  readonly base: string | null
}

/** Where the demo lives, without a trailing slash. */
export const demoFolder = import.meta.dirname
export const venvFolder = join(demoFolder, '.venv')
export const requirementsFile = join(demoFolder, 'requirements.txt')
/** Says which requirements were completely installed; its absence marks a half-made environment. */
export const stampFile = join(venvFolder, '.requirements.sha256')

const needed = ['fastapi', 'uvicorn', 'sqlalchemy', 'jwt'] as const
const oldest = [3, 10] as const

interface Probe {
  readonly version: readonly [number, number]
  readonly missing: readonly string[]
  readonly venv: boolean
}

// Looks for the packages without importing them: ten times faster, and nothing of theirs runs.
const probeScript = `
import importlib.util as u, json, sys
has = lambda name: u.find_spec(name) is not None
print(json.dumps({
  "version": list(sys.version_info[:2]),
  "missing": [name for name in ${JSON.stringify(needed)} if not has(name)],
  "venv": has("venv") and has("ensurepip"),
}))`

/**
 * Looks for a Python that has what the demo imports, and installs nothing: `$PYTHON`, then `.venv` if it is complete and
 * current, then each `python3` on the PATH and `/usr/bin/python3`. Not checked: versions of the packages.
 */
export async function findPython(env: NodeJS.ProcessEnv = process.env): Promise<Found | Missing> {
  const chosen = env['PYTHON']
  if (chosen) {
    const probe = await probePython(chosen)
    if (probe === null) {
      return { kind: 'missing', base: null, reason: `PYTHON is ${chosen}, which cannot be run` }
    }
    if (canServe(probe)) return { kind: 'found', python: chosen }
  }
  if (await isVenvCurrent()) return { kind: 'found', python: venvPython() }
  return lookThrough([...(chosen ? [chosen] : []), ...(await pythonsOnPath(env))])
}

async function lookThrough(candidates: readonly string[]): Promise<Found | Missing> {
  const seen: { python: string; probe: Probe }[] = []
  for (const python of candidates) {
    const probe = await probePython(python)
    if (probe === null) continue
    if (canServe(probe)) return { kind: 'found', python }
    seen.push({ python, probe })
  }
  const base = seen.find(({ probe }) => isNewEnough(probe) && probe.venv)?.python ?? null
  return { kind: 'missing', base, reason: reasonOf(seen) }
}

/** The interpreter inside `.venv`. */
export function venvPython(): string {
  return join(venvFolder, 'bin', 'python3')
}

/** The state of `requirements.txt` that an environment is compared with. */
export async function requirementsHash(): Promise<string> {
  return createHash('sha256')
    .update(await readFile(requirementsFile))
    .digest('hex')
}

/** What a person can do about a missing Python; ends the sentence that says so. */
export const remedy =
  'Install Python 3.10 or newer with FastAPI (Debian: apt-get install python3-fastapi python3-uvicorn python3-jwt ' +
  'python3-sqlalchemy; elsewhere: pip install -r deploy/demo/requirements.txt) and name it in PYTHON, or put the gateway ' +
  'before an application of your own: npm start -- --upstream URL'

async function isVenvCurrent(): Promise<boolean> {
  const stamp = await readFile(stampFile, 'utf8').catch(() => null)
  // A link to an interpreter that has been removed since cannot be accessed.
  return stamp?.trim() === (await requirementsHash()) && (await isExecutable(venvPython()))
}

async function probePython(python: string): Promise<Probe | null> {
  const { code, stdout } = await runPython(python, ['-c', probeScript], { timeoutMs: 10_000 })
  if (code !== 0) return null
  try {
    return JSON.parse(stdout) as Probe
  } catch {
    return null
  }
}

async function pythonsOnPath(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const folders = [...(env['PATH'] ?? '').split(delimiter), '/usr/bin'].filter(
    (name) => name !== '',
  )
  const found = new Map<string, string>()
  for (const file of folders.map((folder) => join(folder, 'python3'))) {
    if (!(await isExecutable(file))) continue
    // The folder is resolved, the file is not: a virtual environment's python3 is a link to the one it was made by.
    const folder = await realpath(dirname(file))
    if (!found.has(folder)) found.set(folder, file)
  }
  return [...found.values()]
}

function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}

function isNewEnough({ version: [major, minor] }: Probe): boolean {
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1])
}

function canServe(probe: Probe): boolean {
  return isNewEnough(probe) && probe.missing.length === 0
}

function reasonOf(seen: readonly { readonly python: string; readonly probe: Probe }[]): string {
  const [closest] = seen.toSorted((a, b) => a.probe.missing.length - b.probe.missing.length)
  if (closest === undefined) return 'no Python was found'
  const { python, probe } = closest
  const lacks =
    probe.missing.length > 0
      ? `lacks ${probe.missing.join(', ')}`
      : `is version ${probe.version.join('.')}`
  return `no Python with FastAPI was found (${python} ${lacks})`
}

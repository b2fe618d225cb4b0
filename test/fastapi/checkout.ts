import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Test } from 'tap'
import { findFreePort } from '../../deploy/demo/launch/ports.ts'

const root = join(import.meta.dirname, '..', '..')

/** A copy of this checkout as a fresh clone has it: no `.env`, no database, nothing prepared. Removed with the test. */
export async function copyCheckout(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-start-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const left = new Set(['.venv', '.venv.lock', '.state', '__pycache__'])
  for (const name of ['src', 'deploy/demo', 'gateway.config.yaml', 'package.json']) {
    await cp(join(root, name), join(folder, name), {
      recursive: true,
      filter: (file) => !left.has(basename(file)),
    })
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

export interface Started {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  /** What it has printed up to now, on both outputs. */
  readonly output: () => string
  /** Settles with what `output` matches, or rejects when the process ends before. */
  readonly until: (pattern: RegExp) => Promise<RegExpExecArray>
  /** Settles with the exit code once all output has been read. */
  readonly exit: Promise<number | null>
}

// What a shell of a newcomer does not have. NODE_OPTIONS: the test runner's own hooks, which triple the time to start.
const absent = new Set([
  'BETTER_AUTH_SECRET',
  'JWT_SECRET',
  'PORT',
  'PUBLIC_URL',
  'DATABASE_URL',
  'NODE_OPTIONS',
])

/** Runs `npm start`'s command in a checkout; killed with the test if it still runs then. */
export async function runStart(
  t: Test,
  folder: string,
  options: { readonly args: readonly string[]; readonly env?: NodeJS.ProcessEnv },
): Promise<Started> {
  const clean = Object.entries(process.env).filter(([name]) => !absent.has(name))
  const child = spawn(process.execPath, ['deploy/demo/start.js', ...options.args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...Object.fromEntries(clean),
      ADMIN_PORT: String(await findFreePort()),
      NO_COLOR: '1',
      ...options.env,
    },
  })
  let text = ''
  const chunk = (part: string): void => void (text += part)
  child.stdout.setEncoding('utf8').on('data', chunk)
  child.stderr.setEncoding('utf8').on('data', chunk)
  const exit = once(child, 'close').then(([code]) => code as number | null)
  t.teardown(async () => {
    child.kill('SIGKILL')
    await exit
  })
  return {
    child,
    exit,
    output: () => text,
    until: (pattern) => waitFor(child, pattern, () => text),
  }
}

function waitFor(
  child: Started['child'],
  pattern: RegExp,
  output: () => string,
): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const match = pattern.exec(output())
      if (match !== null) resolve(match)
    }
    child.stdout.on('data', look)
    child.stderr.on('data', look)
    child.once('close', () => {
      reject(new Error(`it ended without ${String(pattern)}:\n${output()}`))
    })
    look()
  })
}

import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mutate, type Mutant } from './mutant.ts'

const needed = [
  ...['src', 'test', 'config', 'package.json', 'tsconfig.json', '.taprc'],
  ...['deploy/demo', 'deploy/nginx', 'deploy/caddy'],
]
const notNeeded = /\/(?:node_modules|\.venv|\.state|__pycache__|\.tap)(?:\/|$)/

/** A copy of the project in which files may be changed. */
export interface Sandbox {
  /** Runs tests with one file changed until the first fails; puts the file back. @returns that test, or null */
  readonly firstRed: (mutant: Mutant | null, tests: readonly string[]) => Promise<Red | null>
  readonly remove: () => void
}

export interface Red {
  readonly test: string
  /** A test that hangs without the protection has noticed too. */
  readonly why: 'failed' | 'hung'
  /** The end of what it printed. */
  readonly output: string
}

const longestMs = 75_000

/** Copies what the tests need into a folder of its own; packages are shared with the project. */
export function createSandbox(root: string): Sandbox {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-mutants-'))
  for (const name of needed) {
    const filter = (source: string): boolean => !notNeeded.test(source.slice(root.length))
    cpSync(join(root, name), join(folder, name), { recursive: true, filter })
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return {
    remove: () => {
      rmSync(folder, { recursive: true, force: true })
    },
    async firstRed(mutant, tests) {
      const path = mutant === null ? null : join(folder, mutant.file)
      const original = path === null ? '' : readFileSync(path, 'utf8')
      if (path !== null && mutant !== null) writeFileSync(path, mutate(mutant, original))
      try {
        for (const test of tests) {
          const red = await runTest(folder, test)
          if (red !== null) return red
        }
        return null
      } finally {
        if (path !== null) writeFileSync(path, original)
      }
    },
  }
}

/** Runs one test file without tap's runner, which is slower and needs nothing that we need. */
function runTest(folder: string, test: string): Promise<Red | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [test], {
      cwd: folder,
      // A group of its own, so that whatever the test started can be ended with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TAP_BAIL: '1', TAP_TIMEOUT: String(longestMs / 1000), CI: 'true' },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream
        .setEncoding('utf8')
        .on('data', (text: string) => (output = (output + text).slice(-4000)))
    }
    let why: Red['why'] = 'failed'
    const end = (): void => {
      if (child.pid === undefined) return
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        // The group has ended by itself.
      }
    }
    const timer = setTimeout(() => {
      why = 'hung'
      end()
    }, longestMs + 5000)
    child.once('exit', (code) => {
      clearTimeout(timer)
      end()
      resolve(code === 0 ? null : { test, why, output })
    })
  })
}

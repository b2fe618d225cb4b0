import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')

/** A program that goes on in a terminal of its own. */
export interface Terminal {
  readonly child: ChildProcess
  readonly output: () => string
}

/** A newcomer's machine, as far as it can be had: an empty folder, and a shell that has nothing of the npm that runs this. */
export class Newcomer {
  readonly folder = mkdtempSync(join(tmpdir(), 'sallyport-readme-'))
  readonly env: NodeJS.ProcessEnv
  readonly #terminals: Terminal[] = []

  /** @param cloned the address in the documentation, which leads to this checkout */
  constructor(cloned: string) {
    const own = /^(?:npm_|NODE_OPTIONS$|BETTER_AUTH_SECRET$|JWT_SECRET$|PYTHON$|INIT_CWD$|TAP)/
    const kept = Object.entries(process.env).filter(([name]) => !own.test(name))
    const path = (process.env['PATH'] ?? '')
      .split(':')
      .filter((entry) => !entry.includes('node_modules'))
      .join(':')
    this.env = {
      ...Object.fromEntries(kept),
      PATH: path,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `url.${root}.insteadOf`,
      GIT_CONFIG_VALUE_0: cloned,
    }
  }

  /** Starts a script that goes on; what it prints is shown. */
  start(script: string, cwd: string = this.folder): Terminal {
    const child = spawn('bash', ['-e', '-c', script], {
      cwd,
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString()
        process.stdout.write(chunk)
      })
    }
    const terminal = { child, output: () => output }
    this.#terminals.push(terminal)
    return terminal
  }

  /** Ctrl-C in every terminal, which reaches the whole group; then nothing of it is left. */
  async leave(): Promise<void> {
    for (const { child } of this.#terminals.toReversed()) {
      if (child.exitCode !== null || child.pid === undefined) continue
      process.kill(-child.pid, 'SIGINT')
      await once(child, 'exit')
    }
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** What a terminal prints, as soon as it does. Rejects when the program ends before, or when `withinMs` have passed. */
export async function until(
  pattern: RegExp,
  { child, output }: Terminal,
  withinMs: number,
): Promise<RegExpExecArray> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const found = pattern.exec(output())
    if (found !== null) return found
    if (child.exitCode !== null) throw new Error(`the start ended with ${child.exitCode}`)
    if (Date.now() > deadline) throw new Error(`no ${String(pattern)} within the time`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

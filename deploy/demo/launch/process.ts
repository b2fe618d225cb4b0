import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface Ran {
  /** null: it could not be started, ran too long or was ended by a signal. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly input?: string
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  /** Called with each line of either output as it comes. */
  readonly onLine?: (line: string) => void
}

/** Runs an interpreter to its end. Never rejects: what went wrong is in the answer. */
export function runPython(
  python: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(python, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    for (const stream of options.onLine ? [child.stdout, child.stderr] : []) {
      createInterface(stream).on('line', (line) => options.onLine?.(line))
    }
    child.once('error', (error) => {
      resolve({ code: null, stdout, stderr: stderr + error.message })
    })
    child.once('close', (code) => {
      resolve({ code, stdout, stderr })
    })
    // An interpreter that ends before it has read its input is not our failure.
    child.stdin.on('error', () => undefined).end(options.input ?? '')
  })
}

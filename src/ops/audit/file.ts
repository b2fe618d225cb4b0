import { closeSync, fchmodSync, fstatSync, mkdirSync, openSync, write } from 'node:fs'
import { dirname } from 'node:path'
import { StartupError } from '../../errors/startup.ts'
import type { AuditLine } from './event.ts'
import type { AuditSink, SinkDeps } from './sink.ts'

/** Lines that wait for a disk that does not answer; beyond that they go to the log of the process at once. */
const maxWaiting = 10_000
/** How long whoever stops waits for such a disk, milliseconds. */
const patienceMs = 2000

/**
 * Appends lines to a file that only its owner can read, several processes at a time if need be (`O_APPEND`). What cannot be written is not lost: it goes to the log of the
 * process, as an error, and is counted.
 */
export class FileSink implements AuditSink {
  readonly #path: string
  readonly #deps: SinkDeps
  #file: number
  #waiting: AuditLine[] = []
  #underWay: Promise<void> | null = null
  #mustReopen = false
  /** The last write broke off within a line. */
  #isTorn = false

  /** Throws a `StartupError` when the file cannot be opened. */
  constructor(path: string, deps: SinkDeps) {
    this.#path = path
    this.#deps = deps
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      this.#file = this.#open()
    } catch (error) {
      throw new StartupError(`audit.file: cannot append to ${path}: ${codeOf(error)}`)
    }
  }

  write(line: AuditLine): void {
    if (this.#waiting.length >= maxWaiting) this.#lose([line], 'too many lines wait')
    else this.#waiting.push(line)
    this.#start()
  }

  reopen(): void {
    this.#mustReopen = true
    this.#start()
  }

  async close(): Promise<void> {
    const { promise: tooLong, resolve } = Promise.withResolvers<undefined>()
    const timer = setTimeout(resolve, patienceMs, undefined)
    await Promise.race([this.#emptied(), tooLong])
    clearTimeout(timer)
    this.#lose(this.#waiting, 'the gateway has stopped')
    if (this.#underWay === null) closeSync(this.#file)
  }

  async #emptied(): Promise<void> {
    while (this.#underWay !== null) await this.#underWay
  }

  #start(): void {
    this.#underWay ??= this.#work().finally(() => {
      this.#underWay = null
      if (this.#waiting.length > 0 || this.#mustReopen) this.#start()
    })
  }

  async #work(): Promise<void> {
    // What is said in one turn is written at once.
    await Promise.resolve()
    if (this.#mustReopen) this.#change()
    const lines = this.#waiting
    this.#waiting = []
    if (lines.length === 0) return
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    const bytes = Buffer.from(this.#isTorn ? `\n${text}` : text)
    const { written, failure } = await append(this.#file, bytes)
    this.#isTorn = written > 0 ? bytes[written - 1] !== newline : this.#isTorn
    if (failure === null) return
    const whole = newlinesIn(bytes.subarray(0, written)) - (bytes[0] === newline ? 1 : 0)
    this.#lose(lines.slice(Math.max(0, whole)), codeOf(failure))
  }

  /** The old file stays in use where the new one cannot be opened. */
  #change(): void {
    this.#mustReopen = false
    try {
      const file = this.#open()
      closeSync(this.#file)
      this.#file = file
      this.#isTorn = false
    } catch (error) {
      const { logger } = this.#deps
      logger.error({ file: this.#path, reason: codeOf(error) }, 'audit.file cannot be opened anew')
    }
  }

  #open(): number {
    const file = openSync(this.#path, 'a', 0o600)
    const { mode, isFile } = statOf(file)
    if (isFile && (mode & 0o077) !== 0) fchmodSync(file, 0o600)
    return file
  }

  #lose(lines: readonly AuditLine[], reason: string): void {
    const { logger, onLost } = this.#deps
    for (const line of lines) {
      onLost()
      logger.error({ audit: line, reason }, 'an audit event could not be written to audit.file')
    }
  }
}

function statOf(file: number): { readonly mode: number; readonly isFile: boolean } {
  const stat = fstatSync(file)
  return { mode: stat.mode, isFile: stat.isFile() }
}

const newline = 10

/** Writes all of it, or as much as goes. Never rejects. */
async function append(
  file: number,
  bytes: Buffer,
): Promise<{ readonly written: number; readonly failure: Error | null }> {
  let written = 0
  while (written < bytes.length) {
    const rest = bytes.subarray(written)
    const { count, error } = await new Promise<{ count: number; error: Error | null }>(
      (resolve) => {
        write(file, rest, 0, rest.length, null, (error, count) => {
          resolve({ count, error })
        })
      },
    )
    if (error !== null) return { written, failure: error }
    written += count
  }
  return { written, failure: null }
}

function newlinesIn(bytes: Uint8Array): number {
  return bytes.reduce((count, byte) => count + (byte === newline ? 1 : 0), 0)
}

function codeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code ?? message
}

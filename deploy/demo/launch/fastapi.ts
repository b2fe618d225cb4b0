import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { demoFolder } from '../python.ts'

export interface FastApiOptions {
  readonly python: string
  /** A port of 127.0.0.1 that nobody listens on. */
  readonly port: number
  readonly jwtSecret: string
  /** File of the todo database. */
  readonly database: string
  /** uvicorn's names; `warning` when absent. */
  readonly logLevel?: string
  /** Ends the process, also while it is still starting. */
  readonly signal?: AbortSignal
  /** Called with each line that the application prints. */
  readonly onLine?: (line: string) => void
}

export interface FastApi {
  readonly url: string
  readonly pid: number
  /** Settles when the process has ended, with a few words on how. */
  readonly ended: Promise<string>
  /** Ends the process and waits until it has gone. Safe to call twice. */
  stop(): Promise<void>
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

const startMs = 30_000
const stopMs = 3_000
const shownLines = 5

/**
 * Starts the demo application under uvicorn and waits until it answers. It ends when this process does, however that
 * happens. Rejects, with what the application printed last, when it does not come up.
 */
export async function startFastApi(options: FastApiOptions): Promise<FastApi> {
  const child = spawnUvicorn(options)
  const printed: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      printed.splice(0, printed.length - shownLines + 1)
      printed.push(line)
      options.onLine?.(line)
    })
  }
  const state = { hasEnded: false }
  const ended = new Promise<string>((resolve) => {
    const end = (how: string): void => {
      state.hasEnded = true
      resolve(how)
    }
    child.once('error', (error) => {
      end(error.message)
    })
    child.once('close', (code, signal) => {
      end(signal === null ? `exit code ${String(code)}` : signal)
    })
  })
  const stop = (): Promise<void> => stopChild(child, ended)
  options.signal?.addEventListener('abort', () => void stop(), { once: true })
  const url = `http://127.0.0.1:${options.port}`
  if (await answersInTime(url, () => state.hasEnded))
    return { url, pid: child.pid ?? 0, ended, stop }
  const how = state.hasEnded ? await ended : `no answer within ${startMs / 1000} s`
  await stop()
  throw new Error(`FastAPI did not start (${how}): ${printed.join(' | ')}`)
}

function spawnUvicorn({ python, port, jwtSecret, database, logLevel }: FastApiOptions): Child {
  const args = [join(demoFolder, 'serve.py'), '--port', String(port)]
  return spawn(python, [...args, '--log-level', logLevel ?? 'warning'], {
    // Its own process group: Ctrl-C in a terminal reaches us alone, and we end it in order.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...process.env,
      // The gateway's own; an application has no use for it. Undefined is left out.
      BETTER_AUTH_SECRET: undefined,
      JWT_SECRET: jwtSecret,
      TODOS_DATABASE_URL: `sqlite:///${database}`,
      FORWARDED_ALLOW_IPS: '127.0.0.1',
      PYTHONUNBUFFERED: '1',
    },
  })
}

async function answersInTime(url: string, hasEnded: () => boolean): Promise<boolean> {
  const deadline = performance.now() + startMs
  while (!hasEnded() && performance.now() < deadline) {
    const signal = AbortSignal.timeout(1000)
    const isUp = await fetch(`${url}/health`, { signal }).then(
      async (response) => {
        await response.arrayBuffer()
        return response.ok
      },
      () => false,
    )
    // Somebody else may answer on this port while our own process dies of finding it taken.
    if (isUp) return !hasEnded()
    await delay(50)
  }
  return false
}

async function stopChild(child: Child, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM')
  const kill = setTimeout(() => child.kill('SIGKILL'), stopMs)
  await ended
  clearTimeout(kill)
}

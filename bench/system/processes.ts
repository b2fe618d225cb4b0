import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'

/** What is measured runs here, alone; the upstreams and the load share the other. */
export const peerCpu = 0
export const loadCpu = 1

/** A processor by its number, or wherever there is room. */
export type Cpu = number | 'any'

export interface Running {
  readonly pid: number
  stop(): Promise<void>
}

/** A script of `parts/`, with what it said when it was ready. */
export interface Part<Said> extends Running {
  readonly said: Said
  /** Sends a message and waits for the answer. One at a time. */
  ask<Answer>(message: object): Promise<Answer>
}

export interface StartOptions {
  readonly cpu?: Cpu
  readonly env?: Readonly<Record<string, string>>
}

/** Whether processes can be kept on a processor of their own here. Without it the figures say little. */
export const canPin = cpus().length > 1 && spawnSync('taskset', ['--version']).status === 0
const startMs = 60_000
const stopMs = 3_000

/** Places this process, and whatever it starts from now on without a `cpu`. */
export function pinSelf(cpu: Cpu): void {
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', listOf(cpu), String(process.pid)])
}

/** Starts a program and waits until it accepts connections at `port`; rejects with what it printed when it does not. */
export async function startProgram(
  command: string,
  args: readonly string[],
  port: number,
  { cpu, env }: StartOptions = {},
): Promise<Running> {
  // Placed before it starts: Go and Node count their processors once.
  const [file = command, ...rest] = placed(cpu, [command, ...args])
  const child = spawn(file, rest, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const printed: string[] = []
  child.stderr.on('data', (chunk: Buffer) => printed.push(chunk.toString()))
  const running = toRunning(child)
  const deadline = performance.now() + startMs
  while (!(await accepts(port))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await running.stop()
      throw new Error(`${command} did not start: ${printed.join('').slice(-2000)}`)
    }
    await delay(50)
  }
  return running
}

/** Starts a script of `parts/` under Node and waits for its first message. */
export async function startPart<Said>(
  script: string,
  { cpu, env, flags = [] }: StartOptions & { readonly flags?: readonly string[] } = {},
): Promise<Part<Said>> {
  const path = fileURLToPath(new URL(`../parts/${script}`, import.meta.url))
  const [file = '', ...args] = placed(cpu, [process.execPath, ...flags, path])
  const child = spawn(file, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const said = await nextMessage<Said>(child, script)
  return {
    ...toRunning(child),
    said,
    ask: <Answer>(message: object) => {
      const answer = nextMessage<Answer>(child, script)
      child.send(message)
      return answer
    },
  }
}

function placed(cpu: Cpu | undefined, command: readonly string[]): readonly string[] {
  return canPin && cpu !== undefined ? ['taskset', '-c', listOf(cpu), ...command] : command
}

function listOf(cpu: Cpu): string {
  return cpu === 'any' ? `0-${cpus().length - 1}` : String(cpu)
}

async function nextMessage<Message>(child: ChildProcess, script: string): Promise<Message> {
  const ended = new AbortController()
  const exit = once(child, 'exit', { signal: ended.signal }).then(([code]: unknown[]) => {
    throw new Error(`${script} ended with ${String(code)}`)
  })
  try {
    const [message] = (await Promise.race([once(child, 'message'), exit])) as [Message]
    return message
  } finally {
    exit.catch(() => undefined)
    ended.abort()
  }
}

const alive = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

function toRunning(child: ChildProcess): Running {
  alive.add(child)
  child.once('exit', () => alive.delete(child))
  return {
    pid: child.pid ?? 0,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      const kill = setTimeout(() => child.kill('SIGKILL'), stopMs)
      await exit
      clearTimeout(kill)
    },
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {
      resolve(false)
    })
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}

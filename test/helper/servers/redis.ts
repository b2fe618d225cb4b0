import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { freePort } from '../program.ts'
import { findProgram, missing } from './installed.ts'

/** A Redis of its own for one test. */
export interface TestRedis {
  readonly url: string
  /** Sends one command in Redis's plain form and gives back the first line of the answer. */
  readonly tell: (command: string) => Promise<string>
  /** Stops the process without ending it: connections stay open and nobody answers. */
  readonly freeze: () => void
  readonly thaw: () => void
  readonly kill: () => Promise<void>
  /** Starts it again, empty, on the same port. */
  readonly start: () => Promise<void>
}

/**
 * Starts a redis-server on a free port; it is ended with the test. Null where there is none: the test is then skipped aloud, or
 * fails when `CI=true`. Looks at `$REDIS_SERVER`, at Debian's place, then along `PATH`.
 */
export async function startRedis(t: Test): Promise<TestRedis | null> {
  const program = findRedis()
  if (program === null) {
    return missing(t, 'no Redis: set REDIS_SERVER or install the package "redis-server"')
  }
  const port = await freePort()
  let server: ChildProcess | null = null
  const start = async (): Promise<void> => {
    const memoryOnly = ['--save', '', '--appendonly', 'no', '--dir', tmpdir()]
    const address = ['--bind', '127.0.0.1', '--port', String(port)]
    server = spawn(program, [...address, ...memoryOnly], { stdio: 'ignore' })
    while ((await tell(port, 'PING').catch(() => '')) !== '+PONG') await sleep(10)
  }
  const kill = async (): Promise<void> => {
    if (server === null || server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    server.kill('SIGKILL')
    await ended
  }
  t.teardown(kill)
  await start()
  return {
    url: `redis://127.0.0.1:${String(port)}`,
    tell: (command) => tell(port, command),
    freeze: () => server?.kill('SIGSTOP'),
    thaw: () => server?.kill('SIGCONT'),
    kill,
    start,
  }
}

async function tell(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.setEncoding('utf8')
  try {
    await once(socket, 'connect')
    socket.write(`${command}\r\n`)
    const [answer] = (await once(socket, 'data')) as [string]
    return answer.split('\r\n')[0] ?? ''
  } finally {
    socket.destroy()
  }
}

function findRedis(): string | null {
  const given = process.env['REDIS_SERVER']
  return given === undefined || given === '' ? findProgram('redis-server', ['/usr/bin']) : given
}

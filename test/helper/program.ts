import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { missing } from './servers/installed.ts'

/**
 * Whether a program of the system is there. Where it is not, the test is skipped aloud, or fails when `CI=true`; the caller returns.
 * @param probe arguments with which it answers and exits 0
 */
export function hasProgram(t: Test, name: string, probe: readonly string[]): boolean {
  if (spawnSync(name, probe).status === 0) return true
  missing(t, `no ${name}: install the package "${name}"`)
  return false
}

/** The environment of a program that is to see nothing of the tests' own, but for where programs and compiled code are. */
export const bareEnv: NodeJS.ProcessEnv = {
  PATH: process.env['PATH'] ?? '',
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
}

/** A port that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Starts a program that is killed with the test, if it has not ended by then; what it prints is shown when it ends badly. */
export function startProgram(t: Test, name: string, args: readonly string[]): void {
  const child = spawn(name, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  }
  let isOver = false
  child.on('exit', (code) => {
    if (!isOver) t.comment(`${name} ended with ${String(code)}: ${said}`)
  })
  t.teardown(async () => {
    isOver = true
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
}

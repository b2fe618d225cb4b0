import { execFileSync, fork, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

export interface Started<T> {
  readonly child: ChildProcess
  readonly said: T
}

const canPin = spawnSync('taskset', ['--version']).status === 0

/** Starts a script of this folder and waits for its first message. With `cpu` it is kept on that processor. */
export async function start<T>(
  script: string,
  env: Readonly<Record<string, string>> = {},
  cpu?: number,
): Promise<Started<T>> {
  const child = fork(new URL(script, import.meta.url), { env: { ...process.env, ...env } })
  if (cpu !== undefined && child.pid !== undefined) pin(child.pid, cpu)
  const [said] = (await once(child, 'message')) as [T]
  return { child, said }
}

/** Keeps a process and all its threads on one processor, where the system can. */
export function pin(pid: number, cpu: number): void {
  if (canPin)
    execFileSync('taskset', ['-a', '-c', '-p', String(cpu), String(pid)], { stdio: 'ignore' })
}

/** Lets the children go: each ends when its parent's channel closes. */
export function stop(...children: readonly Started<unknown>[]): void {
  for (const { child } of children) child.disconnect()
}

import { readdirSync, readFileSync } from 'node:fs'

/** Microseconds, of processes with all their threads. */
export interface CpuTime {
  readonly used: number
  /** Ready to run while somebody else had the processor: on a quiet machine next to nothing. */
  readonly waited: number
}

/**
 * Processor time that processes have had so far. Of everything that can be measured on a shared machine this moves least.
 * NaN where there is no `/proc`; a thread that has ended no longer counts.
 */
export function cpuTime(pids: readonly number[]): CpuTime {
  try {
    const tasks = pids.flatMap((pid) =>
      readdirSync(`/proc/${pid}/task`).map((task) => readSchedstat(pid, task)),
    )
    const sum = (key: keyof CpuTime): number => tasks.reduce((total, task) => total + task[key], 0)
    return { used: sum('used'), waited: sum('waited') }
  } catch {
    return { used: NaN, waited: NaN }
  }
}

function readSchedstat(pid: number, task: string): CpuTime {
  const text = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8')
  const [used = NaN, waited = NaN] = text
    .split(' ')
    .map((nanoseconds) => Number(nanoseconds) / 1000)
  return { used, waited }
}

/** What was used and waited since `before`. */
export function cpuTimeSince(before: CpuTime, pids: readonly number[]): CpuTime {
  const now = cpuTime(pids)
  return { used: now.used - before.used, waited: now.waited - before.waited }
}

/** Memory that processes hold (resident set), bytes. NaN where there is no `/proc`. */
export function residentBytes(pids: readonly number[]): number {
  try {
    return pids.reduce((sum, pid) => {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      return sum + Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
    }, 0)
  } catch {
    return NaN
  }
}

/** How many files, and so connections, one process may hold open. Node has raised it to what the system allows. */
export function openFilesLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8')
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? 1024)
  } catch {
    return 1024
  }
}

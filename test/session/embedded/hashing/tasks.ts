import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const tasks = '/proc/self/task'
const name = 'sallyport-hash'

/** For tests that look at threads. */
export const onlyLinux =
  process.platform === 'linux' ? {} : { skip: 'threads are listed by Linux only' }

/** The nice values of this process's threads, as the system has them: those that hash, and all others. */
export function niceValues(): { readonly hashing: number[]; readonly others: number[] } {
  const found = { hashing: [] as number[], others: [] as number[] }
  for (const stat of readdirSync(tasks).map(statOf)) {
    // Field 19, counted from behind the name, which may hold anything.
    const nice = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
    if (stat.includes(`(${name})`)) found.hashing.push(nice)
    else if (stat !== '') found.others.push(nice)
  }
  return found
}

/** Empty when the thread has ended meanwhile. */
function statOf(id: string): string {
  try {
    return readFileSync(join(tasks, id, 'stat'), 'utf8')
  } catch {
    return ''
  }
}

/** Resolves when no thread hashes any more; at once where they cannot be seen. */
export async function noneLeft(): Promise<void> {
  if (process.platform !== 'linux') return
  while (niceValues().hashing.length > 0) await new Promise((resolve) => setTimeout(resolve, 5))
}

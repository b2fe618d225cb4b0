import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** How often the files are looked at, milliseconds. Events miss the symlink swaps of mounted ConfigMaps; reading does not. */
const pollMs = 1000

/** Reads a file as the loader does. */
export type Read = (path: string) => string

export interface FollowOptions<Loaded> {
  /** Loads the configuration through `read`; throws when it has problems. */
  readonly load: (read: Read) => Loaded
  /** Puts it in force; throws when it cannot be, and then has changed nothing. */
  readonly apply: (loaded: Loaded) => void | Promise<void>
  readonly onApplied: (fingerprint: string) => void
  /** Nothing was applied. `reason` holds every problem with its place. */
  readonly onRefused: (reason: string, fingerprint: string) => void
}

/** Keeps a gateway at what its files say. */
export interface Follower {
  /** Loads again whether or not a file has changed, as SIGHUP asks. Never rejects. */
  readonly reload: () => Promise<void>
  /** Resolves when no change is under way and none will be. */
  readonly stop: () => Promise<void>
}

/**
 * Follows the files that a configuration is made of: the YAML, the `.env` beside it, and whatever `…_FILE` variables name. A change
 * is applied, or refused and said once; what was in force stays so. One change is under way at a time.
 */
export function follow<Loaded>(options: FollowOptions<Loaded>): Follower {
  const files = new Map<string, string>()
  const recording: Read = (path) => {
    files.set(path, contentOf(path))
    return readText(path)
  }
  options.load(recording)
  let seen = fingerprintOf(files)
  let last = Promise.resolve()
  let isBusy = false
  const attempt = async (): Promise<void> => {
    isBusy = true
    try {
      files.clear()
      await options.apply(options.load(recording))
      options.onApplied(fingerprintOf(files))
    } catch (error) {
      options.onRefused((error as Error).message, fingerprintOf(files))
    } finally {
      seen = fingerprintOf(files)
      isBusy = false
    }
  }
  const reload = (): Promise<void> => (last = last.then(attempt))
  const timer = setInterval(() => {
    // What is being applied has been read already; a change that came after it is seen next time.
    if (isBusy) return
    for (const path of files.keys()) files.set(path, contentOf(path))
    if (fingerprintOf(files) !== seen) void reload()
  }, pollMs)
  timer.unref()
  return {
    reload,
    stop: () => {
      clearInterval(timer)
      return last
    },
  }
}

function readText(path: string): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
}

/** A digest, because some of these files are secrets; a file that is not there is content too. */
function contentOf(path: string): string {
  try {
    return hash('sha256', readFileSync(path))
  } catch {
    return 'unreadable'
  }
}

function fingerprintOf(files: ReadonlyMap<string, string>): string {
  return hash('sha256', JSON.stringify([...files])).slice(0, 12)
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Running } from './processes.ts'

/** Where one group of measurements takes place: its files and its processes, gone when it is over. */
export interface Lab {
  readonly folder: string
  readonly rounds: number
  /** Further flags of the Node that runs the gateway. */
  readonly nodeFlags: readonly string[]
  /** Ends it with the lab, last come first served. */
  keep<Thing extends Pick<Running, 'stop'>>(thing: Thing): Thing
}

export interface LabOptions {
  readonly rounds: number
  readonly nodeFlags: readonly string[]
}

/** Opens a lab for `work` and clears it away, however the work ends. */
export async function inLab<Result>(
  options: LabOptions,
  work: (lab: Lab) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'))
  const kept: Pick<Running, 'stop'>[] = []
  try {
    return await work({
      ...options,
      folder,
      keep: (thing) => {
        kept.push(thing)
        return thing
      },
    })
  } finally {
    for (const thing of kept.reverse()) await thing.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

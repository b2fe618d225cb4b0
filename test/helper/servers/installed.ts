import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Test } from 'tap'

/** The first of these folders, then of `PATH`, that has a program of this name; null where none has. */
export function findProgram(name: string, folders: readonly string[]): string | null {
  const all = [...folders, ...(process.env['PATH'] ?? '').split(delimiter)]
  return all.map((folder) => join(folder, name)).find(isExecutable) ?? null
}

/** Skips the test aloud, or fails it when `CI=true`. */
export function missing(t: Test, message: string): null {
  if (process.env['CI'] === 'true') t.fail(message)
  else t.pass(message, { skip: message })
  return null
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

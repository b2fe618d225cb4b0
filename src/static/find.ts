import type { StaticService } from '../config/types.ts'
import { isNavigation } from '../errors/navigation.ts'
import type { RequestHead } from '../head.ts'
import { belowPattern, isAssetPath, locate, look } from './locate.ts'

/** What a request for a file gets. */
export interface Found {
  /** Below the folder of the route; null: there is none. */
  readonly file: string | null
  /** `folder`: it was asked for without the slash at its end. `fallback`: in the place of a file. */
  readonly as: 'file' | 'folder' | 'fallback'
}

/**
 * Finds the file that a request gets: the one at its path, or for a navigation to a path where no file is the fallback.
 * Rejects with what the file system throws.
 * @param patterns those of the route
 * @param path once decoded
 */
export async function findFile(
  head: RequestHead,
  patterns: readonly string[],
  path: string,
  service: StaticService,
): Promise<Found> {
  const below = belowPattern(patterns, path)
  const located = await locate(service.dir, below, path.endsWith('/'))
  return located.kind === 'nothing'
    ? { file: await fallbackFor(head, path, service), as: 'fallback' }
    : { file: located.file, as: located.kind }
}

/** A person who comes to a path of a single-page app gets its page; a program that asks for a file does not. */
async function fallbackFor(
  head: RequestHead,
  path: string,
  { dir, fallback }: StaticService,
): Promise<string | null> {
  if (fallback === null || isAssetPath(path)) return null
  // RFC 9110 §9.3.2: HEAD is answered as GET would be.
  if (!isNavigation({ ...head, method: 'GET' })) return null
  return (await look(dir, fallback)) === 'file' ? fallback : null
}

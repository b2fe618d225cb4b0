import { realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'

/** What a path of a static route stands for. */
export type Located =
  /** `file` is below the folder of the route, with `/` between its segments. */
  | { readonly kind: 'file'; readonly file: string }
  /** A folder with this `index.html`, asked for without the slash at its end. */
  | { readonly kind: 'folder'; readonly file: string }
  | { readonly kind: 'nothing' }

const nothing: Located = { kind: 'nothing' }
const index = 'index.html'

/**
 * The part of a path that is looked for below the folder of a static route: what comes after the last slash before the first
 * parameter or `*` of the pattern, so `/app/*` leads `/app/x.js` to `x.js` and `/robots.txt` leads to `robots.txt`.
 * @param patterns those of the route
 * @param path once decoded; one of the patterns matches it
 */
export function belowPattern(patterns: readonly string[], path: string): string {
  if (patterns.includes(path)) return path.slice(path.lastIndexOf('/') + 1)
  let longest = '/'
  for (const pattern of patterns) {
    const literal = pattern.split(/[{*]/, 1)[0] ?? ''
    const prefix = literal.slice(0, literal.lastIndexOf('/') + 1)
    if (prefix.length > longest.length && `${path}/`.startsWith(prefix)) longest = prefix
  }
  return path.slice(longest.length)
}

/**
 * Finds the file for a path below a folder. Names that begin with a dot are nobody's business; a link that leads out of the
 * folder leads nowhere; what is no plain file is none. Folders are never listed: their `index.html` stands for them.
 * Throws what the file system throws, but for what only means that there is no such file.
 * @param below once decoded, without dot segments
 * @param isFolder the path ended with a slash
 */
export async function locate(dir: string, below: string, isFolder: boolean): Promise<Located> {
  if (!isServable(below)) return nothing
  const kind = await look(dir, below)
  if (kind === 'file') return isFolder ? nothing : { kind, file: below }
  if (kind !== 'folder') return nothing
  const file = `${below}${below === '' || below.endsWith('/') ? '' : '/'}${index}`
  if ((await look(dir, file)) !== 'file') return nothing
  return { kind: isFolder ? 'file' : 'folder', file }
}

function isServable(below: string): boolean {
  if (/[\0\\]/.test(below)) return false
  return !below.split('/').some((name) => name.startsWith('.'))
}

const absent = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP'])

/** What is at a path below a folder; null: nothing that may be served. */
export async function look(dir: string, below: string): Promise<'file' | 'folder' | null> {
  try {
    const root = await realpath(dir)
    const found = await realpath(join(dir, below))
    if (found !== root && !found.startsWith(root.endsWith(sep) ? root : root + sep)) return null
    const stats = await stat(found)
    // Nothing else may be opened: a pipe would be waited for by a thread that others need.
    return stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : null
  } catch (error) {
    if (absent.has((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}

const assetExtension =
  /\.(?:m?js|css|map|json|wasm|webmanifest|xml|txt|pdf|csv|zip|gz|png|jpe?g|gif|svg|webp|avif|ico|bmp|woff2?|ttf|otf|eot|mp3|mp4|m4a|webm|ogg|wav)$/i

/** Whether a path asks for a file that programs use, and that a page in its place would only confuse. */
export function isAssetPath(path: string): boolean {
  return assetExtension.test(path)
}

import { readFileSync, statSync } from 'node:fs'
import { StartupError } from '../../errors/startup.ts'
import type { Asset } from '../../pages/pages.ts'
import { digest } from './assets.ts'

const limitBytes = 262_144

interface Kind {
  readonly ending: string
  readonly type: string
  /** What it says at its beginning. */
  readonly isOne: (content: Buffer) => boolean
}

/** What browsers show as an image, by what the file holds: never by its name alone. */
const kinds: readonly Kind[] = [
  {
    ending: 'svg',
    type: 'image/svg+xml',
    isOne: isSvg,
  },
  {
    ending: 'png',
    type: 'image/png',
    isOne: (content) => content.subarray(0, 8).equals(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')),
  },
  {
    ending: 'jpg',
    type: 'image/jpeg',
    isOne: (content) => content.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff])),
  },
  {
    ending: 'webp',
    type: 'image/webp',
    isOne: (content) =>
      content.toString('latin1', 0, 4) === 'RIFF' && content.toString('latin1', 8, 12) === 'WEBP',
  },
]

/**
 * Nothing in it runs, loads or leads anywhere, also where somebody opens it by its address: an SVG is a document then. Its own styles
 * are a part of how it looks.
 */
const csp = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

/** Reads `pages.logo`. Throws a `StartupError` of one sentence when it cannot be had, is too large, or is no image that browsers show. */
export function readLogo(file: string): Asset {
  const body = contentOf(file)
  const kind = kinds.find(({ isOne }) => isOne(body))
  if (kind === undefined) {
    throw new StartupError(`pages.logo: ${file} holds no SVG, PNG, JPEG or WebP image`)
  }
  const { ending, type } = kind
  return { name: `logo-${digest(body)}.${ending}`, type, body, csp }
}

function contentOf(file: string): Buffer {
  try {
    if (statSync(file).size <= limitBytes) return readFileSync(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new StartupError(`pages.logo: ${file} cannot be read (${String(code)})`)
  }
  throw new StartupError(`pages.logo: ${file} is larger than 256 kB`)
}

/** Its first element, after a declaration, comments and a document type at most. */
function isSvg(content: Buffer): boolean {
  const head = content.toString('utf8', 0, 4096)
  return /^\uFEFF?\s*<(?:\?xml|!--|!doctype svg|svg[\s>])/i.test(head) && /<svg[\s>]/i.test(head)
}

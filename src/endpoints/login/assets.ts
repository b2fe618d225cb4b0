import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendRefusal } from '../../errors/handler.ts'
import { refuse } from '../../errors/refusal.ts'
import type { Asset } from '../../pages/pages.ts'
import type { Snapshot } from '../../snapshot.ts'

/** The modules that the sign-in page runs. */
export interface PageScript {
  /** The name of the one that the page names. */
  readonly entry: string
  readonly modules: readonly Asset[]
}

/** The same folder for `src`, which a checkout runs, and for `dist`. */
const folder = fileURLToPath(new URL('../../pages/browser/', import.meta.url))

/** Reads the modules, which browsers run as they are. All are named by the content of all, because they name each other. */
export function readPageScript(): PageScript {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.js'))
    .sort()
    .map((file) => ({ file, body: readFileSync(join(folder, file)) }))
  const version = digest(Buffer.concat(files.map(({ body }) => body)))
  const modules = files.map(({ file, body }) => ({
    name: `${version}/${file}`,
    type: 'text/javascript; charset=utf-8',
    body,
    csp: "default-src 'none'",
  }))
  return { entry: `${version}/main.js`, modules }
}

/** A word for a content. */
export function digest(content: Buffer): string {
  return hash('sha256', content, 'base64url').slice(0, 16)
}

/** Sends a file of the pages. Refusal: `route_not_found`. */
export function answerAsset(
  request: FastifyRequest,
  reply: FastifyReply,
  { pages, answers }: Pick<Snapshot, 'pages' | 'answers'>,
): FastifyReply {
  const { '*': name = '' } = request.params as { readonly '*'?: string }
  const asset = pages.assets.get(name)
  if (asset === undefined) return sendRefusal(request, reply, refuse('route_not_found'), answers)
  return reply
    .headers({
      'content-type': asset.type,
      'content-security-policy': asset.csp,
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    })
    .send(Buffer.from(asset.body))
}

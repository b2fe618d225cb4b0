import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sendRefusal } from '../errors/handler.ts'
import { refuse } from '../errors/refusal.ts'
import { endpoints } from '../routing/compile.ts'
import type { Snapshot } from '../snapshot.ts'

/** The browser kit as it is served. */
export interface Kit {
  readonly plain: Representation
  readonly gzip: Representation
}

interface Representation {
  readonly body: Buffer
  /** RFC 9110 §8.8.3: one for each representation. */
  readonly etag: string
}

export interface KitDeps {
  /** null: it has not been built. */
  readonly kit: Kit | null
  readonly arrivalOf: (request: FastifyRequest) => { readonly snapshot: Pick<Snapshot, 'answers'> }
}

/** The same file for `src`, which a checkout runs, and for `dist`. */
const builtKit = new URL('../../dist/client/client.min.js', import.meta.url)

/** Reads what `npm run build` has made of `src/client`; null where it has not been run. Throws what else the file system throws. */
export function readKit(file: URL = builtKit): Kit | null {
  try {
    const body = readFileSync(file)
    const digest = hash('sha256', body, 'base64url')
    // Once, at start: it is as small as it gets, and no request waits for it.
    const gzip = { body: gzipSync(body, { level: 9 }), etag: `"${digest}-gzip"` }
    return { plain: { body, etag: `"${digest}"` }, gzip }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Mounts `GET /_gateway/client.js`. Refusal: `route_not_found` where the kit has not been built. */
export function registerKit(scope: FastifyInstance, { kit, arrivalOf }: KitDeps): void {
  scope.get(endpoints.kit.path, (request, reply) =>
    kit === null
      ? sendRefusal(request, reply, refuse('route_not_found'), arrivalOf(request).snapshot.answers)
      : sendKit(request, reply, kit),
  )
}

function sendKit(request: FastifyRequest, reply: FastifyReply, kit: Kit): FastifyReply {
  const isGzip = acceptsGzip(request.headers['accept-encoding'])
  const { body, etag } = isGzip ? kit.gzip : kit.plain
  reply.headers({
    etag,
    vary: 'accept-encoding',
    // Its name stays while its content follows the gateway: it is kept, but asked for each time, which costs a 304.
    'cache-control': 'public, no-cache',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  })
  if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send()
  if (isGzip) reply.header('content-encoding', 'gzip')
  return reply.type('text/javascript; charset=utf-8').send(body)
}

const wanted = /^\s*gzip\s*(?:;\s*q=(?:1(?:\.0*)?|0?\.\d*[1-9]\d*)\s*)?$/i

/** RFC 9110 §12.5.3, as far as it is needed: `gzip` is named, and not with a weight of nothing. */
function acceptsGzip(header: string | string[] | undefined): boolean {
  const codings = [header ?? []].flat().join(',').split(',')
  return codings.some((coding) => wanted.test(coding))
}

/** RFC 9110 §13.1.2: any of a list, compared weakly, as caches that compress on the way weaken it. */
function isKnown(condition: string | undefined, etag: string): boolean {
  const known = (condition ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''))
  return known.includes(etag) || known.includes('*')
}

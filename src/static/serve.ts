import { ReadStream } from 'node:fs'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify'
import type { StaticService } from '../config/types.ts'
import { refuse, type Refusal } from '../errors/refusal.ts'
import type { RequestHead } from '../head.ts'
import type { Forwarded } from '../pipeline.ts'
import { findFile } from './find.ts'
import { writeFileHeaders } from './headers.ts'

/** An admitted request for a file. */
export interface FileRequest {
  readonly reply: FastifyReply
  readonly head: RequestHead
  readonly admission: Forwarded
  /** Answers in our words. */
  readonly refuse: (refusal: Refusal) => void
  /** A client that takes no byte of a file for as long is cut off, milliseconds; default 60 s. */
  readonly idleMs?: number
}

/**
 * Lets replies send files. No route is added: which files is decided by `serveFile` alone.
 * @param admissionOf the admission of a request that a file is sent to
 */
export function registerFiles(
  app: FastifyInstance,
  admissionOf: (request: FastifyRequest) => Forwarded,
): void {
  app.register(fastifyStatic, {
    serve: false,
    cacheControl: false,
    dotfiles: 'deny',
    index: false,
    setHeaders: (reply, file) => {
      writeFileHeaders(reply, file, admissionOf(reply.request))
    },
  })
}

/**
 * Answers an admitted request for a file of its route: whole, in part (RFC 9110 §14) or with a 304 where the client has it (§13).
 * Where no file is, a navigation gets the fallback and everybody else the refusal `route_not_found`. Rejects with what the file
 * system throws.
 */
export async function serveFile(from: FileRequest, service: StaticService): Promise<void> {
  const { reply, head, admission, idleMs = 60_000 } = from
  const { path, target } = admission.target
  const { file, as } = await findFile(head, admission.route.match.paths, path, service)
  // The client may have left while the file was looked for.
  if (reply.raw.destroyed) return
  if (file === null) {
    from.refuse(refuse('route_not_found'))
  } else if (as === 'folder') {
    // The path is canonical, so this cannot be read as another origin ("//").
    const [folder = '', ...query] = target.split('?')
    writeFileHeaders(reply, file, admission)
    reply
      .code(301)
      .header('location', [`${folder}/`, ...query].join('?'))
      .send()
  } else {
    reply.raw.setTimeout(idleMs, () => reply.raw.destroy())
    // RFC 9110 §14.2: a range is only asked for with GET.
    reply.sendFile(file, service.dir, { acceptRanges: head.method === 'GET' })
  }
}

/**
 * Hears of what is sent, and cuts the connection where a file has become shorter while it was sent: an answer that is not complete must not look complete,
 * nor may the next answer on the connection be taken for its rest (RFC 9112 §8).
 * @param onCut is told which request gets no whole answer
 */
export function watchLength(onCut: (request: FastifyRequest) => void): onSendHookHandler {
  return (request, reply, payload, done) => {
    if (payload instanceof ReadStream) {
      const length = Number(reply.getHeader('content-length'))
      reply.raw.prependOnceListener('finish', () => {
        if (payload.bytesRead >= length) return
        onCut(request)
        reply.raw.destroy()
      })
    }
    done(null, payload)
  }
}

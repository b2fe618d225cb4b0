import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sendRefusal } from '../errors/handler.ts'
import { refuse } from '../errors/refusal.ts'
import { endpoints } from '../routing/compile.ts'
import { pushHeaders, pushLimitBytes } from '../session/push/format.ts'
import type { PushInbox } from '../session/push/inbox.ts'
import type { Snapshot } from '../snapshot.ts'

export interface RevocationDeps {
  readonly inbox: Pick<PushInbox, 'accept'>
  readonly arrivalOf: (request: FastifyRequest) => {
    readonly snapshot: Pick<Snapshot, 'answers'>
  }
}

/**
 * Mounts `POST /_gateway/revocations`: what our plugin in a remote Better Auth pushes. 204 when it was taken. Whatever is not signed, too old, or comes again is
 * `token_not_accepted`, and no answer says which; one that is signed and cannot be read is `request_malformed`.
 */
export function registerRevocations(app: FastifyInstance, deps: RevocationDeps): void {
  app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: pushLimitBytes },
      (_request, body, parsed) => {
        parsed(null, body)
      },
    )
    scope.post(endpoints.revocations.path, (request, reply) => take(request, reply, deps))
    done()
  })
}

function take(
  request: FastifyRequest,
  reply: FastifyReply,
  { inbox, arrivalOf }: RevocationDeps,
): FastifyReply {
  const { answers } = arrivalOf(request).snapshot
  const body = (request.body as Buffer | undefined) ?? Buffer.alloc(0)
  const head = {
    id: headerOf(request, pushHeaders.id),
    timestamp: headerOf(request, pushHeaders.timestamp),
    signature: headerOf(request, pushHeaders.signature),
  }
  switch (inbox.accept(head, body)) {
    case 'accepted':
      return reply.code(204).header('cache-control', 'no-store').send()
    case 'refused': {
      const detail = 'The push was not accepted.'
      return sendRefusal(request, reply, refuse('token_not_accepted', { detail }), answers)
    }
    case 'malformed':
      return sendRefusal(request, reply, refuse('request_malformed'), answers)
  }
}

/** One that was sent twice is none: Node joins them with a comma, which no value may hold. */
function headerOf({ headers }: FastifyRequest, name: string): string {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}

import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Session } from '../authn/principal.ts'
import { toStreamProblem, type AnswerRules } from '../errors/answer.ts'
import { sendRefusal } from '../errors/handler.ts'
import { isRefusal } from '../errors/refusal.ts'
import type { RequestHead } from '../head.ts'
import type { LiveConnections } from '../live/port.ts'
import type { Journey } from '../ops/access/journey.ts'
import { toLastEvent } from '../proxy/events/stream.ts'
import { endpoints } from '../routing/compile.ts'
import { toSessionView } from './session-view.ts'

export interface EventsDeps {
  /** Where the stream is listed while it lasts. */
  readonly live: Pick<LiveConnections, 'add'>
  readonly arrivalOf: (request: FastifyRequest) => {
    readonly head: RequestHead
    readonly session: Session | null
    /** The client's address, as `FrontLimits` counts it. */
    readonly client: string
    /** Among the requests of that client that are under way, which streams are not. */
    readonly place: { leave(): void } | null
    readonly journey: Journey
    readonly snapshot: { readonly answers: AnswerRules }
  }
}

/** How often a stream shows that it is alive: proxies close what is silent for a minute, many after 30 s. Milliseconds. */
const beatMs = 15_000
/** A page that leaves more than this unread, in bytes, does not read. */
const unreadLimit = 65_536
/** How long what is left may take to be read once the stream has ended, milliseconds. */
const lastReadMs = 10_000

/**
 * Mounts `GET /_gateway/events` (HTML §9.2): what becomes of the session behind the cookie. At once and after every change an `event: session` with what
 * `GET /_gateway/session` would say, never the same twice in a row; at its end `event: sallyport` with the problem. Who may ask was decided on the road.
 * The session is not extended by it.
 *
 * Refusals: `overloaded`, where the client has too many streams open; `session_revoked`, where the session has just ended.
 */
export function registerEvents(scope: FastifyInstance, deps: EventsDeps): void {
  scope.get(endpoints.events.path, { exposeHeadRoute: false }, (request, reply) =>
    open(request, reply, deps),
  )
}

function open(
  request: FastifyRequest,
  reply: FastifyReply,
  { live, arrivalOf }: EventsDeps,
): FastifyReply {
  const { head, session, client, place, snapshot, journey } = arrivalOf(request)
  if (session === null) throw new Error('the events endpoint was reached without a session')
  // The client has left while it was found out who it is: nobody would take it off the list.
  if (reply.raw.destroyed) return reply.hijack()
  const feed = new SessionFeed(reply.raw)
  const added = live.add({
    kind: 'event-stream',
    client,
    userId: session.user.id,
    sessionId: session.id,
    expiresAtMs: session.expiresAtMs,
    judge: null,
    onSession: (now) => {
      feed.tell(now)
    },
    end: (reason) => {
      journey.endedFor(reason.code)
      feed.end(toLastEvent(toStreamProblem(reason, head, request.id, snapshot.answers)))
    },
  })
  if (isRefusal(added)) return sendRefusal(request, reply, added, snapshot.answers)
  place?.leave()
  journey.becomes('event-stream')
  reply.hijack()
  // A body that came along flows away unread.
  request.raw.resume()
  feed.begin(request.id, added)
  feed.tell(session)
  return reply
}

/** What a page hears of its session, for as long as both are there. */
class SessionFeed {
  readonly #reply: ServerResponse
  #said = ''

  constructor(reply: ServerResponse) {
    this.#reply = reply
  }

  /** @param onClosed called once, when the client is gone or has been told everything */
  begin(requestId: string, onClosed: () => void): void {
    const reply = this.#reply
    const beat = setInterval(() => {
      this.#write(':\n\n')
    }, beatMs).unref()
    reply.once('close', () => {
      clearInterval(beat)
      onClosed()
    })
    reply.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // nginx passes on what it would otherwise collect.
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      // No other page can read it; nor may one hold it open unread.
      'cross-origin-resource-policy': 'same-origin',
      'x-request-id': requestId,
    })
  }

  /** The session as it is now; what is known already is not said again. */
  tell(session: Session): void {
    const view = JSON.stringify(toSessionView(session))
    if (view === this.#said) return
    this.#said = view
    this.#write(`event: session\ndata: ${view}\n\n`)
  }

  /** @param lastEvent with the empty line that ends it */
  end(lastEvent: string): void {
    const reply = this.#reply
    reply.end(lastEvent)
    if (reply.writableLength === 0) return
    const late = setTimeout(() => reply.destroy(), lastReadMs).unref()
    reply.once('close', () => {
      clearTimeout(late)
    })
  }

  /** One event may be large; what piles up behind it may not. */
  #write(text: string): void {
    if (this.#reply.writableLength > unreadLimit) this.#reply.destroy()
    else this.#reply.write(text)
  }
}

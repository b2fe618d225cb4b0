import {
  STATUS_CODES,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { readHead, type RequestHead } from '../head.ts'
import { toAnswer, type AnswerRules } from './answer.ts'
import type { Code } from './catalogue.ts'
import { refuse, type Refusal } from './refusal.ts'

/** Hears that a request is answered in our words. */
export interface RefusalWitness {
  refused(code: Code): void
}

declare module 'fastify' {
  interface FastifyRequest {
    witness: RefusalWitness | null
  }
}

/** Beyond this, an unread body is not worth reading only to keep the connection. */
const drainLimit = 65_536

/** The single place where a refusal becomes an HTTP answer. */
export function sendRefusal(
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: Refusal,
  rules: AnswerRules,
): FastifyReply {
  const { raw } = request
  request.witness?.refused(refusal.code)
  const head = readHead(raw.method ?? 'GET', raw.url ?? '/', raw.rawHeaders)
  const answer = toAnswer(refusal, head, request.id, rules)
  if (mustClose(raw, head)) reply.header('connection', 'close')
  reply.code(answer.status).headers(answer.headers)
  // A buffer, because to a string Fastify adds a charset that problem+json does not have (RFC 9457 §3).
  return answer.body === '' ? reply.send() : reply.send(Buffer.from(answer.body))
}

/** The same for a reply that Fastify has let go of; nothing may have been written to it. */
export function sendRawRefusal(
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
  requestId: string,
  rules: AnswerRules,
): void {
  const head = readHead(request.method ?? 'GET', request.url ?? '/', request.rawHeaders)
  const answer = toAnswer(refusal, head, requestId, rules)
  if (mustClose(request, head)) response.setHeader('connection', 'close')
  response.writeHead(answer.status, {
    ...(answer.headers as OutgoingHttpHeaders),
    'content-length': Buffer.byteLength(answer.body),
  })
  response.end(answer.body)
}

/** A body that is not worth reading only to keep the connection, or a client that wanted to speak another protocol. */
function mustClose(request: IncomingMessage, head: RequestHead): boolean {
  if (head.upgrade !== null) return true
  if (request.readableEnded) return false
  return head.chunked || Number(head.contentLength ?? 0) > drainLimit
}

/**
 * What an error that reached Fastify becomes. Expected ones (a body parser's, Better Auth's store) have a code; anything
 * else is a bug of ours: logged whole, and told to the client as `internal_error` and nothing more.
 */
export function toRefusal(error: Pick<FastifyError, 'code' | 'statusCode'>): Refusal {
  switch (error.code) {
    case 'SALLYPORT_SESSION_STORE':
      return refuse('session_store_unavailable')
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return refuse('body_too_large')
    case 'FST_ERR_BAD_URL':
      return refuse('path_not_canonical', { detail: 'The path cannot be decoded.' })
    default: {
      const isClients = error.statusCode !== undefined && error.statusCode < 500
      return refuse(isClients ? 'request_malformed' : 'internal_error')
    }
  }
}

/** What Node's parser could not read becomes, before there is a request at all. */
function parserRefusal(code: string | undefined): Refusal {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const detail = 'The head of the request did not arrive in time.'
    return refuse('request_malformed', { detail })
  }
  const codes: Readonly<Record<string, Code>> = { HPE_HEADER_OVERFLOW: 'headers_too_large' }
  return refuse(codes[code ?? ''] ?? 'request_malformed')
}

/**
 * Answers a connection whose bytes are not HTTP, with the uniform body, and closes it (RFC 9112 §2.2). Nothing is written
 * on a connection that is gone or has an answer under way.
 * @returns what was answered, or null
 */
export function answerClientError(
  error: NodeJS.ErrnoException,
  socket: Socket,
  requestId: string,
  rules: AnswerRules,
): Refusal | null {
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy()
    return null
  }
  const refusal = parserRefusal(error.code)
  answerRawRefusal(socket, refusal, null, requestId, rules)
  return refusal
}

/**
 * Writes a refusal on a bare socket and closes it: for handshakes, and for what never became a request.
 * @param head null where there is none to read
 * @returns the status of the answer
 */
export function answerRawRefusal(
  socket: Duplex,
  refusal: Refusal,
  head: RequestHead | null,
  requestId: string,
  rules: AnswerRules,
): number {
  const answer = toAnswer(refusal, head ?? readHead('GET', '/', []), requestId, rules)
  const headers = {
    ...answer.headers,
    'content-length': String(Buffer.byteLength(answer.body)),
    connection: 'close',
  }
  const lines = Object.entries(headers).flatMap(([name, value]: [string, string | string[]]) =>
    [value].flat().map((each) => `${name}: ${each}`),
  )
  const status = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}`
  socket.end(`${status}\r\n${lines.join('\r\n')}\r\n\r\n${answer.body}`)
  letGo(socket)
  return answer.status
}

/** How long somebody who was refused may take to close its connection, milliseconds. */
const lingerMs = 2000

/** For a socket on which everything has been said: a client that keeps its end open keeps nothing of ours. */
export function letGo(socket: Duplex): void {
  socket.resume()
  const linger = setTimeout(() => socket.destroy(), lingerMs)
  linger.unref()
  socket.once('close', () => {
    clearTimeout(linger)
  })
}

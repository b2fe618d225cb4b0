import type { FastifyReply } from 'fastify'
import type { Forwarded } from '../pipeline.ts'
import { changeAnswer, changesAnswers } from '../proxy/headers/changes.ts'
import { cacheControlOf } from './caching.ts'

/**
 * Writes the headers that an answer with a file has besides those of the file: how long it may be kept, what the route says,
 * and the cookies of a session that was extended.
 * @param file path or name
 */
export function writeFileHeaders(reply: FastifyReply, file: string, admission: Forwarded): void {
  const { route, setCookies, answerHeaders } = admission
  const isPrivate = route.auth.mode !== 'none'
  const brings = setCookies.length > 0
  reply.headers({
    'accept-ranges': 'bytes',
    'cache-control': brings ? 'private, no-store' : cacheControlOf(file, isPrivate),
    'x-content-type-options': 'nosniff',
    'x-request-id': reply.request.id,
  })
  if (changesAnswers(route)) {
    const written = Object.entries(reply.getHeaders()).flatMap(([name, value]) => [
      name,
      String(value),
    ])
    for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name)
    const changed = changeAnswer(written, route, answerHeaders, (name) => isOurs(name, brings))
    for (let index = 0; index < changed.length; index += 2) {
      reply.header(changed[index] ?? '', changed[index + 1])
    }
  }
  if (brings) reply.header('set-cookie', [...setCookies])
}

function isOurs(name: string, bringsCookies: boolean): boolean {
  return name.startsWith('x-sallyport-') || (bringsCookies && name === 'cache-control')
}

interface FileError {
  readonly statusCode?: number
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Answers a request for a file whose condition does not hold (412, RFC 9110 §13.1) or whose range is beyond its end (416, §14.4).
 * No refusal of ours: the file is there, and the client asked for what it is not. Returns false for any other error.
 */
export function answerCondition(
  error: unknown,
  reply: FastifyReply,
  ours: readonly string[],
): boolean {
  const { statusCode = 0, headers } = error as FileError
  if (statusCode !== 412 && statusCode !== 416) return false
  for (let index = 0; index < ours.length; index += 2)
    reply.header(ours[index] ?? '', ours[index + 1])
  reply.headers({ ...headers, 'cache-control': 'no-store', 'x-request-id': reply.request.id })
  reply.code(statusCode).send()
  return true
}

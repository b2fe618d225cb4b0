import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { letGo } from '../../errors/handler.ts'
import { clientKey, type ClientCap } from '../../front/clients.ts'
import type { Journey } from '../../ops/access/journey.ts'
import type { Snapshot } from '../../snapshot.ts'
import { verifyPath, type Question } from './asked.ts'
import { judgeQuestion, type Verdict } from './verdict.ts'

/** A request that may be a proxy's question. */
export interface Asking {
  readonly request: IncomingMessage
  readonly target: string
  readonly requestId: string
  /** The address of the client that the trusted proxies and, on top of them, the asking one tell of; empty when the connection has gone. */
  readonly addressOf: (trusts: Snapshot['trusts']) => string
  readonly snapshot: Snapshot
  readonly journey: Journey
}

/** Whether this is the question of a proxy that may ask. Everybody else finds nothing at that path. */
export function isQuestion({ target, addressOf, snapshot: { verify } }: Asking): boolean {
  if (verify?.isPath(target) !== true) return false
  return verify.mayAsk(addressOf(() => false))
}

/** Answers a question over HTTP. */
export async function answerQuestion(
  asking: Asking,
  reply: FastifyReply,
  clients: ClientCap,
): Promise<FastifyReply> {
  const question = questionOf(asking)
  const place = clients.enter(clientKey(question.address), reply.raw, asking.journey)
  const { status, headers, body } = await judge(question, asking, place === null)
  reply.hijack()
  asking.request.resume()
  const length = ['content-length', String(Buffer.byteLength(body))]
  reply.raw.writeHead(status, [...headers, ...length]).end(body)
  return reply
}

/** Answers one that looks like a handshake itself, because the proxy has passed its client's `Upgrade` on; nothing is switched. */
export async function answerHandshakeQuestion(asking: Asking, socket: Duplex): Promise<void> {
  const { status, headers, body } = await judge(questionOf(asking), asking, false)
  const lines = [`HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`]
  for (let index = 0; index < headers.length; index += 2) {
    lines.push(`${headers[index] ?? ''}: ${headers[index + 1] ?? ''}`)
  }
  lines.push(`content-length: ${String(Buffer.byteLength(body))}`, 'connection: close', '', body)
  socket.end(lines.join('\r\n'))
  letGo(socket)
  asking.journey.begins(status)
  asking.journey.end()
}

function judge(question: Question, asking: Asking, isCrowded: boolean): Promise<Verdict> {
  const { snapshot, requestId, journey } = asking
  const { verify } = snapshot
  if (verify === null) throw new Error('nobody may ask here')
  const { dialect } = verify
  journey.asks()
  return judgeQuestion(question, { dialect, requestId, snapshot, isCrowded, journey })
}

/** Who asks is believed about its client, and `server.trustedProxies` about what lies beyond. */
function questionOf({ request, target, addressOf, snapshot }: Asking): Question {
  const { method = '', rawHeaders, socket: connection } = request
  const address = addressOf((peer, hop) => hop === 0 || snapshot.trusts(peer, hop))
  return { method, target, rawHeaders, connection, address }
}

/** What of a target is the endpoint's. @param isPrefixed the proxy puts its client's path behind ours */
export function pathTest(isPrefixed: boolean): (target: string) => boolean {
  return (target) =>
    target === verifyPath ||
    target.startsWith(`${verifyPath}?`) ||
    (isPrefixed && target.startsWith(`${verifyPath}/`))
}

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { letGo } from '../../../errors/handler.ts'

/** What of an answer that is no 101 we are willing to carry. */
export interface RefusedLimits {
  /** Between two pieces of it, milliseconds; 0: never. */
  readonly idleMs: number
}

/** More is no refusal, bytes. */
const maxBodyBytes = 1_048_576
/** Of a body that we read ourselves, bytes. */
const takeOverLimit = 65_536

/**
 * Passes FastAPI's own answer to a handshake on as the HTTP that it is, and closes the connection. An answer that cannot be finished
 * does not look finished: the connection is cut.
 * @param headers flat, as the client gets them
 * @param onEnd called once, however it ends
 */
export function passOn(
  response: IncomingMessage,
  socket: Duplex,
  headers: readonly string[],
  { idleMs }: RefusedLimits,
  onEnd: () => void,
): void {
  const isChunked = writeHead(response, socket, headers)
  let received = 0
  const resume = (): void => {
    response.resume()
  }
  socket.on('drain', resume)
  response.setTimeout(idleMs, () => response.destroy())
  response.on('error', () => undefined)
  response.on('data', (chunk: Buffer) => {
    received += chunk.length
    if (received > maxBodyBytes) {
      response.destroy()
      return
    }
    if (isChunked) socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1')
    const hasRoom = socket.write(chunk)
    if (isChunked) socket.write('\r\n', 'latin1')
    if (!hasRoom) response.pause()
  })
  response.once('close', () => {
    socket.off('drain', resume)
    if (!response.complete || received > maxBodyBytes) socket.destroy()
    else {
      socket.end(isChunked ? '0\r\n\r\n' : '', 'latin1')
      letGo(socket)
    }
    onEnd()
  })
}

/** Returns whether the body has to be sent in chunks: without a length only they show that it is complete (RFC 9112 §6.3). */
function writeHead(
  { statusCode = 502, statusMessage = '' }: IncomingMessage,
  socket: Duplex,
  headers: readonly string[],
): boolean {
  const lines = [`HTTP/1.1 ${String(statusCode)} ${statusMessage}`]
  let isChunked = statusCode !== 204 && statusCode !== 304
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? ''
    if (name === 'content-length') isChunked = false
    lines.push(`${name}: ${headers[index + 1] ?? ''}`)
  }
  if (isChunked) lines.push('transfer-encoding: chunked')
  lines.push('connection: close', '', '')
  socket.write(lines.join('\r\n'), 'latin1')
  return isChunked
}

/** Reads at most 64 KB of an answer that we give in our own words. What is missing from it is missing. */
export function takeOver(
  response: IncomingMessage,
  { idleMs }: RefusedLimits,
  onBody: (body: Buffer) => void,
): void {
  const chunks: Buffer[] = []
  let size = 0
  response.setTimeout(idleMs, () => response.destroy())
  response.on('error', () => undefined)
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    size += chunk.length
    if (size > takeOverLimit) response.destroy()
  })
  response.once('close', () => {
    onBody(Buffer.concat(chunks).subarray(0, takeOverLimit))
  })
}

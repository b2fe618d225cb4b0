import type { ServerResponse } from 'node:http'
import { release } from '../upstream/http1/memory.ts'

/**
 * Up to here a piece is kept and written as text: together with the head it is then one string and one write, which costs half of
 * what a buffer does. Node sends longer text in several steps.
 */
const longestText = 8192

/** Bytes of an answer that are ours alone; as text they are latin1, which leaves every byte as it is. */
export type Piece = string | Buffer

/** The headers for the client, as far as they depend on the status. RFC 9110 §8.6: a 204 has no `Content-Length`. */
export function toFinal(status: number, headers: readonly string[]): string[] {
  if (status !== 204) return headers as string[]
  return headers.filter((_item, index) => headers[index - (index % 2)] !== 'content-length')
}

/** Copies bytes that are about to be overwritten. */
export function toPiece(bytes: Buffer): Piece {
  return bytes.length > longestText ? Buffer.from(bytes) : bytes.toString('latin1')
}

/** Returns whether the client keeps up. Nobody may look at the piece any more. */
export function writePiece(reply: ServerResponse, piece: Piece): boolean {
  if (typeof piece === 'string') return reply.write(piece, 'latin1')
  return reply.write(piece, (error) => {
    if (error == null) release(piece)
  })
}

/** Ends an answer, with its last piece if there is one left. */
export function endWith(reply: ServerResponse, last: Piece | null): void {
  if (typeof last === 'string') reply.end(last, 'latin1')
  else {
    if (last !== null) writePiece(reply, last)
    reply.end()
  }
}

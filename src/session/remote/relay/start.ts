import { Readable } from 'node:stream'

/** What of an answer is looked at, bytes. Answers of Better Auth that say who signed in hold a user and no more. */
const limitBytes = 65_536

/** The beginning of an answer. */
export interface Start {
  /** All of it, or null: it is longer than anybody wants to hold. */
  readonly text: string | null
  /** The same bytes, from the first on. */
  readonly body: Readable
}

/** Reads an answer as far as it is short. Rejects when it breaks off before. */
export async function readStart(body: Readable): Promise<Start> {
  const chunks: Buffer[] = []
  let length = 0
  const iterator = body.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>
  while (length <= limitBytes) {
    const next: IteratorResult<Buffer, unknown> = await iterator.next()
    if (next.done === true) {
      const bytes = Buffer.concat(chunks)
      return { text: bytes.toString('utf8'), body: Readable.from([bytes]) }
    }
    chunks.push(next.value)
    length += next.value.length
  }
  return { text: null, body: Readable.from(replay(chunks, body)) }
}

async function* replay(chunks: readonly Buffer[], rest: Readable): AsyncGenerator<Buffer> {
  yield* chunks
  for await (const chunk of rest) yield chunk as Buffer
}

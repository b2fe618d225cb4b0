import { Agent, type Dispatcher } from 'undici'
import type { Clock } from '../../clock.ts'
import type { UpstreamTls } from '../../upstream/tls.ts'

/** One answer, read only as far as it is asked for. Times are milliseconds. */
export interface Heard {
  readonly status: number
  /** Names lower case; of a name that comes twice, the first. */
  readonly headers: Readonly<Record<string, string>>
  /** Empty where none was asked for, or it is larger than that. */
  readonly body: string
  /** Between the request and the head of its answer. */
  readonly tookMs: number
  /** The wall clock just before the request, and when its answer had begun. */
  readonly sentAtMs: number
  readonly heardAtMs: number
}

export interface Question {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Bytes of the body that are read; more than that is no body. Default: 0. */
  readonly bodyLimit?: number
}

export interface Asker {
  /** Asks with GET. Rejects with the error of the connection, or a `TimeoutError`. Redirects are not followed. */
  readonly ask: (question: Question) => Promise<Heard>
  readonly close: () => Promise<void>
}

/**
 * Makes what asks one origin. What it does not read of an answer it does not wait for: streams that never end are fine.
 * @param stepMs how long an answer may take
 */
export function createAsker(
  origin: string,
  tls: UpstreamTls['options'] | null,
  { clock, stepMs }: { readonly clock: Clock; readonly stepMs: number },
): Asker {
  const agent = new Agent({
    connect: { timeout: stepMs, ...(tls ?? {}) },
    headersTimeout: stepMs,
    bodyTimeout: stepMs,
    keepAliveTimeout: 1000,
    pipelining: 1,
  })
  return {
    async ask({ path, headers, bodyLimit = 0 }) {
      const sentAtMs = clock.now()
      const before = clock.monotonic()
      const answer = await agent.request({
        origin,
        path,
        method: 'GET',
        headers: { ...headers },
        signal: AbortSignal.timeout(stepMs),
      })
      const tookMs = clock.monotonic() - before
      const heardAtMs = clock.now()
      return {
        status: answer.statusCode,
        headers: firstOf(answer.headers),
        body: await readBody(answer, bodyLimit),
        tookMs,
        sentAtMs,
        heardAtMs,
      }
    },
    close: () => agent.destroy(),
  }
}

function firstOf(headers: Dispatcher.ResponseData['headers']): Readonly<Record<string, string>> {
  const entries = Object.entries(headers).map(([name, value]) => [name, [value].flat()[0] ?? ''])
  return Object.fromEntries(entries) as Record<string, string>
}

async function readBody({ body }: Dispatcher.ResponseData, limit: number): Promise<string> {
  // Whoever lets go of an answer early is told by its stream that it was.
  body.on('error', () => undefined)
  if (limit === 0) {
    body.destroy()
    return ''
  }
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of body as AsyncIterable<Buffer>) {
    size += piece.length
    if (size > limit) return ''
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

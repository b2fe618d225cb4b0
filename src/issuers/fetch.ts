import { Agent } from 'undici'

/** How much an issuer may ask of us. */
const limits = {
  /** For everything: connecting, the head, the body. Milliseconds. */
  timeMs: 2000,
  bytes: 65_536,
  headerBytes: 16_384,
}

/** Fetches a document; rejects with an `Error` of one sentence, which names no content. */
export interface KeySetFetcher {
  readonly fetch: (url: string) => Promise<unknown>
  readonly close: () => Promise<void>
}

/**
 * Makes what fetches key sets. An answer that takes longer than 2 s, is larger than 64 KiB, is no JSON or has another status
 * than 200 is none. A redirect is not followed: where keys come from is for the configuration to say.
 */
export function createKeySetFetcher(): KeySetFetcher {
  const agent = new Agent({
    connect: { timeout: limits.timeMs },
    headersTimeout: limits.timeMs,
    bodyTimeout: limits.timeMs,
    maxHeaderSize: limits.headerBytes,
    maxResponseSize: limits.bytes,
    connections: 2,
    keepAliveTimeout: 1000,
  })
  return {
    async fetch(url) {
      const { origin, pathname, search } = new URL(url)
      const { statusCode, body } = await agent.request({
        origin,
        path: pathname + search,
        method: 'GET',
        headers: { accept: 'application/jwk-set+json, application/json' },
        signal: AbortSignal.timeout(limits.timeMs),
      })
      if (statusCode !== 200) {
        // Nobody reads it; what is left of it must not hold the connection.
        body.on('error', () => undefined).destroy()
        throw new Error(`the issuer answered with status ${String(statusCode)}`)
      }
      return parse(await body.text())
    },
    close: () => agent.destroy(),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('the answer of the issuer is no JSON')
  }
}

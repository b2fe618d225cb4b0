import { Pool } from 'undici'
import type { UpstreamConfig } from '../config/types.ts'

/** The open connections to one FastAPI. */
export interface Upstream {
  readonly config: UpstreamConfig
  readonly pool: Pool
}

// uvicorn closes idle connections after 5 s and gunicorn's worker after 2 s; a reused dead one is a visible 502.
const keepAliveMs = 1500

/**
 * Opens a pool. Certificates of https upstreams are verified (undici's default). Connections are not capped: a stream
 * holds one for as long as it lives, and must not keep others waiting.
 */
export function createUpstream(config: UpstreamConfig): Upstream {
  const pool = new Pool(config.origin, {
    connect: { timeout: config.timeout.connectMs },
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    headersTimeout: config.timeout.firstByteMs,
    // undici's own idle timer is set per request and would cut silent event streams; the exchange has one of its own.
    bodyTimeout: 0,
    pipelining: 1,
  })
  return { config, pool }
}

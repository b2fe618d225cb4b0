import { systemClock } from '../../src/clock.ts'
import { createUpstream, type UpstreamDeps } from '../../src/upstream/upstream.ts'
import { upstreamConfig } from './group.ts'

/** A process that opens an upstream with health checks, lets some happen, and has nothing else to do. */
const [, , url = ''] = process.argv
const health = { path: '/', intervalMs: 20, timeoutMs: 1000, unhealthyAfter: 3, healthyAfter: 2 }
const nothing = (): void => undefined
createUpstream(upstreamConfig([url], { health }), {
  clock: systemClock,
  log: { info: nothing, warn: nothing } as UpstreamDeps['log'],
})
setTimeout(nothing, 200)

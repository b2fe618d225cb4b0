import type { Clock } from '../../clock.ts'
import type { GatewayConfig } from '../../config/types.ts'
import { compileTrust } from '../../front/address.ts'
import { createGateway } from '../../gateway.ts'
import { createLogger } from '../../ops/log.ts'
import { sessionCookieNames } from '../../session/cookies.ts'
import type { Ground } from '../ground.ts'
import type { Door } from '../wire/client.ts'
import { startRecorder, type Arrival, type Recorder } from '../wire/recorder.ts'
import { Callers } from './callers.ts'
import { toStaged } from './config.ts'
import { createForge } from './forge.ts'
import { stageIssuer } from './issuers.ts'
import { Masks } from './masks.ts'
import { bareProbes, leader, withCallers } from './probes.ts'

/** What shots are fired at, and what stands behind it. */
export interface Range {
  readonly ground: Ground
  readonly door: Door
  /** Everything that has arrived behind the gateway so far; null: nobody can know. */
  readonly arrivals: (() => readonly Arrival[]) | null
  /** Says which case is under way, and what its upstream answers. */
  readonly aim: (requestId: string, answer: string | null) => void
  readonly close: () => Promise<void>
}

/**
 * Starts a gateway of a configuration with everything outside replaced. Rejects as `createGateway` does.
 * @param behind what listens in the gateway's place, in front of the first upstream; left out: the gateway
 */
export async function openStage(
  config: GatewayConfig,
  clock: Clock,
  behind?: (upstream: number) => Promise<{ readonly port: number; readonly close: () => void }>,
): Promise<Range> {
  const masks = new Masks()
  const issuers = config.bearer.jwks.map(stageIssuer)
  const forge = createForge(config, { masks, issuers, knowsSecrets: true, nowMs: clock.now() })
  const target = { requestId: '', answer: null as string | null }
  const upstreams = await startRecorders(Object.keys(config.upstreams), target)
  const others = await startOthers(issuers.map(({ keySet }) => keySet))
  const recorders = [...upstreams.values()]
  const closeRecorders = (): void => {
    for (const each of [...recorders, ...others]) each.close()
  }
  const staged = toStaged(config, {
    upstreamOf: (name) => originOf(upstreams.get(name)),
    betterAuth: originOf(others[0]),
    issuerOf: (index) => `${originOf(others[index + 1])}/jwks`,
  })
  const callers = new Callers(staged, forge, clock)
  const served = await serve(staged, callers, clock, recorders, behind).catch((error: unknown) => {
    closeRecorders()
    throw error
  })
  const bare = bareProbes(staged)
  const probes = []
  for (const each of bare) probes.push(await withCallers(each, { config: staged, callers, clock }))
  return {
    ground: { ...groundOf(config, forge), probes, leadsTo: leader(staged), isRunning: false },
    door: { host: '127.0.0.1', port: served.port, isTls: false },
    arrivals: () => recorders.flatMap(({ arrivals }) => arrivals),
    aim: (requestId, answer) => Object.assign(target, { requestId, answer }),
    close: async () => {
      await served.close()
      closeRecorders()
    },
  }
}

/** What of the ground the configuration says by itself. */
export function groundOf(
  config: GatewayConfig,
  forge: Ground['forge'],
): Omit<Ground, 'probes' | 'leadsTo' | 'isRunning'> {
  return {
    config,
    forge,
    host: new URL(config.server.publicUrl).host,
    cookieName: sessionCookieNames(config).token,
    trustsUs: compileTrust(config.server.trustedProxies)('127.0.0.1', 0),
  }
}

async function serve(
  staged: GatewayConfig,
  { wrapSource, wrapLookups }: Callers,
  clock: Clock,
  recorders: readonly Recorder[],
  behind: Parameters<typeof openStage>[2],
): Promise<{ readonly port: number; readonly close: () => void | Promise<void> }> {
  if (behind !== undefined) return behind(recorders[0]?.port ?? 0)
  const logger = createLogger('silent')
  const gateway = await createGateway(staged, {
    logger,
    accessLog: null,
    clock,
    wrapSource,
    wrapLookups,
  })
  const { url } = await gateway.listen()
  return { port: Number(new URL(url).port), close: () => gateway.close() }
}

async function startRecorders(
  names: readonly string[],
  target: { readonly requestId: string; readonly answer: string | null },
): Promise<ReadonlyMap<string, Recorder>> {
  const started = new Map<string, Recorder>()
  for (const name of names) {
    const underWay = (): string => target.requestId
    const answer = ({ requestId }: Arrival): string | null =>
      requestId === target.requestId ? target.answer : null
    started.set(name, await startRecorder({ name, underWay, answer }))
  }
  return started
}

/** A Better Auth that knows nobody, and the places of issuers' keys. */
function startOthers(keySets: readonly string[]): Promise<readonly Recorder[]> {
  const said = ['null', ...keySets]
  return Promise.all(
    said.map((text) => {
      const answer = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${String(Buffer.byteLength(text))}\r\n\r\n${text}`
      return startRecorder({ name: 'elsewhere', underWay: () => '', answer: () => answer })
    }),
  )
}

function originOf(recorder: Recorder | undefined): string {
  return `http://127.0.0.1:${String(recorder?.port ?? 0)}`
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { sendProblem } from './answer.ts'
import { doorsTo, enter } from './doors.ts'
import { Viewers } from './events.ts'
import { readAssets } from './page/assets.ts'
import { sendAsset, sendPage } from './page/send.ts'
import type { ConsoleDeps, ReloadOutcome } from './port.ts'
import { SignIns } from './rights/sign-ins.ts'
import { Throttle } from './rights/throttle.ts'
import { configurationHash, toPulse, type Recording } from './show/state.ts'
import { RefusalRing } from './traffic/refusals.ts'
import { TrafficSeries, wasRefused } from './traffic/series.ts'

/** The console of a gateway: a page, and what it shows, below `/console` of the admin listener. */
export interface Console {
  /** Answers a request for `/console` or below it; never throws. @param path without the query */
  readonly handle: (request: IncomingMessage, response: ServerResponse, path: string) => void
  /** What came of reading the configuration anew. */
  readonly reloaded: (outcome: Omit<ReloadOutcome, 'at'>) => void
  /** Ends every event stream, and records no more. */
  readonly close: () => void
}

/**
 * Records from now on, in bounded memory, whether or not anybody looks.
 * @param listensLocally whether the listener is on a loopback address only; asked at every request
 */
export function createConsole(deps: ConsoleDeps, listensLocally: () => boolean): Console {
  const { clock, hub, config, logger } = deps
  let lastReload: ReloadOutcome | null = null
  const recording: Recording = {
    series: new TrafficSeries({ now: clock.now }),
    refusals: new RefusalRing(),
    startedAt: clock.now(),
    lastReload: () => lastReload,
  }
  const unsubscribe = hub.subscribe((record) => {
    recording.series.record(record)
    if (wasRefused(record)) recording.refusals.add(record, configurationHash(config()))
  })
  const viewers = new Viewers(pulseFrom(deps, recording), logger)
  const signIns = new SignIns(() => config().admin?.token ?? null, clock.monotonic)
  const access = { deps, signIns, throttle: new Throttle(clock.monotonic), listensLocally }
  const doors = doorsTo({ access, viewers, recording })
  const assets = readAssets()
  return {
    handle: (request, response, path) => {
      const door = doors.get(path) ?? doors.get(path.slice(0, path.lastIndexOf('/') + 1))
      if (door !== undefined) void enter(request, response, door, access)
      else if (request.method !== 'GET') sendProblem(response, 'not_found')
      else if (path === '/console/') sendPage(response)
      else if (path === '/console') response.writeHead(308, { location: '/console/' }).end()
      else sendAsset(response, assets.get(path.slice('/console/'.length)))
    },
    reloaded: (outcome) => {
      lastReload = { ...outcome, at: clock.now() }
    },
    close: () => {
      unsubscribe()
      viewers.close()
    },
  }
}

/** Each pulse has the refusals since the one before. */
function pulseFrom(deps: ConsoleDeps, recording: Recording): () => unknown {
  let seen = 0
  return () => {
    const pulse = toPulse(deps, recording, seen)
    seen = recording.refusals.count
    return pulse
  }
}

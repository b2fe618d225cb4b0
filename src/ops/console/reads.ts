import type { IncomingMessage, ServerResponse } from 'node:http'
import { entryOf, type Code } from '../../errors/catalogue.ts'
import { sendJson, sendProblem } from './answer.ts'
import type { ConsoleDeps } from './port.ts'
import { toMaskedYaml } from './show/masked.ts'
import { routeRows } from './show/routes.ts'
import { configurationHash, toRefusal, toState, type Recording } from './show/state.ts'
import type { Way } from './rights/access.ts'

export interface Reader {
  /** By what they were let in. */
  readonly way: Way | null
  readonly mayAct: boolean
  readonly isTokenConfigured: boolean
}

export interface ReadDeps {
  readonly deps: ConsoleDeps
  readonly recording: Recording
}

/** Everything, for a page that begins. */
export function answerState(
  response: ServerResponse,
  reader: Reader,
  { deps, recording }: ReadDeps,
): void {
  sendJson(response, { ...toState(deps, recording), rights: reader })
}

/** The last refusals, the newest first. */
export function answerRefusals(response: ServerResponse, { recording }: ReadDeps): void {
  const { refusals } = recording
  sendJson(response, { count: refusals.count, refusals: refusals.list().map(toRefusal) })
}

/**
 * One of them, with the route that its request gets by the configuration in force now, and whether that is still the one that refused it. Problem:
 * `refusal_unknown`.
 */
export function answerRefusal(
  { url = '' }: Pick<IncomingMessage, 'url'>,
  response: ServerResponse,
  { deps, recording }: ReadDeps,
): void {
  const entry = recording.refusals.find(decoded(url.slice(url.lastIndexOf('/') + 1)))
  if (entry === null) {
    sendProblem(response, 'refusal_unknown')
    return
  }
  const { code, method, path, host } = entry.record
  sendJson(response, {
    refusal: toRefusal(entry),
    why: code === null ? null : whyOf(code),
    isSameConfiguration: entry.configuration === configurationHash(deps.config()),
    // What was not written down cannot be routed.
    route: path === '' ? null : deps.explain(method, host ?? '', path),
  })
}

export function answerConfiguration(response: ServerResponse, { deps, recording }: ReadDeps): void {
  const config = deps.config()
  sendJson(response, {
    hash: configurationHash(config),
    lastReload: recording.lastReload(),
    routes: routeRows(config),
    yaml: toMaskedYaml(config),
  })
}

/** The code in words. */
function whyOf(code: Code): Pick<ReturnType<typeof entryOf>, 'title' | 'detail' | 'action'> {
  const { title, detail, action } = entryOf(code)
  return { title, detail, action }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

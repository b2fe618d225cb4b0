import { relative } from 'node:path'
import { systemClock } from '../../clock.ts'
import type { GatewayConfig } from '../../config/types.ts'
import { explainRequest } from '../../explain/request.ts'
import type { Explanation } from '../../explain/explanation.ts'
import { renderExplanation } from '../../explain/text/render.ts'
import { createLogger } from '../../ops/log.ts'
import { loadFor, type ConfigOption } from '../config.ts'
import { callerOf, type CallerOptions } from './caller.ts'
import { bringsCredential, headOf, requestIdIn, type RequestOptions } from './request.ts'
import { offline, online } from './sources.ts'
import { wrongUsage } from './usage.ts'

export interface ExplainOptions extends ConfigOption, CallerOptions, RequestOptions {
  readonly json?: boolean
}

/**
 * `sallyport explain`: says what would become of a request; a refusal is an answer like any other. Credentials that were given are
 * never printed.
 */
export async function runExplain(
  method: string,
  url: string,
  options: ExplainOptions,
): Promise<void> {
  const { config } = loadFor(options)
  const isMadeUp = options.user !== undefined
  const caller = callerOf(options, config)
  if (isMadeUp && bringsCredential(options)) {
    wrongUsage('either a credential or --user, not both')
  }
  const explanation = bringsCredential(options)
    ? await explainReal(method, url, options, config)
    : await explainMadeUp(method, url, options, config, caller)
  const told = withoutPlace(explanation)
  console.log(options.json === true ? JSON.stringify(told, null, 2) : renderExplanation(told))
}

/** A token that nobody has to be asked about may have been revoked where only running gateways remember it. */
function unshared({ credential }: Explanation, { auth, redis }: GatewayConfig): readonly string[] {
  const isShared = auth.remote === null || redis !== null
  if (isShared || credential.kind !== 'bearer' || credential.verdict !== 'accepted') return []
  return [
    'gateways remember revocations for themselves here: whether this token was revoked is not known',
  ]
}

function isUnknown({ decision, credential }: Explanation): boolean {
  const code = 'session_store_unavailable'
  return decision.code === code || credential.reason?.startsWith(code) === true
}

/** Folders as whoever runs the command would write them: where a checkout lies says nothing about its configuration. */
function withoutPlace(explanation: Explanation): Explanation {
  const { file } = explanation
  if (file === null) return explanation
  const path = relative(process.cwd(), file.dir)
  const dir = path.startsWith('..') ? path : `./${path}`
  return { ...explanation, file: { ...file, dir } }
}

async function explainMadeUp(
  method: string,
  url: string,
  options: ExplainOptions,
  config: GatewayConfig,
  caller: ReturnType<typeof callerOf>,
): Promise<Explanation> {
  const { deps, headers } = offline(config, caller, systemClock)
  const head = await headOf(method, url, options, headers, config)
  return explainRequest({ head, requestId: requestIdIn(head), madeUp: caller !== null }, deps)
}

async function explainReal(
  method: string,
  url: string,
  options: ExplainOptions,
  config: GatewayConfig,
): Promise<Explanation> {
  const head = await headOf(method, url, options, [], config)
  const opened = await online(config, { clock: systemClock, logger: createLogger('silent') })
  try {
    const asked = { head, requestId: requestIdIn(head), madeUp: false }
    const explanation = await explainRequest(asked, opened.deps)
    // Where the credential was refused for its form, nobody wanted to know.
    const isMoot = explanation.credential.verdict !== 'accepted' && !isUnknown(explanation)
    const told = isMoot ? [] : [...opened.missing, ...unshared(explanation, config)]
    return { ...explanation, notes: [...explanation.notes, ...told] }
  } finally {
    await opened.close()
  }
}

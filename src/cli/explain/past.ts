import { request } from 'undici'
import type { AdminConfig } from '../../config/types.ts'
import { StartupError } from '../../errors/startup.ts'
import type { RouteExplanation } from '../../explain/route.ts'
import { toText, type Line } from '../../explain/text/render.ts'
import { aboutRoute } from '../../explain/text/route.ts'
import type { AccessRecord } from '../../ops/access/record.ts'
import { adminOrigin } from '../admin.ts'
import { loadFor, type ConfigOption } from '../config.ts'

/** What the console answers about one refusal. */
interface Past {
  readonly refusal: AccessRecord
  readonly why: { readonly title: string; readonly detail: string; readonly action: string } | null
  readonly isSameConfiguration: boolean
  readonly route: RouteExplanation | null
}

const timeoutMs = 3000
const credentials = {
  cookie: 'Cookie',
  authorization: 'Authorization',
  apiKey: 'x-api-key',
  ticket: 'ticket',
} as const

/**
 * `sallyport explain --request-id`: asks the running gateway about a request that it has refused. Throws a `StartupError` of one sentence when it does not answer or
 * no longer remembers.
 */
export async function runExplainPast(
  requestId: string,
  options: ConfigOption & { readonly json?: boolean },
): Promise<void> {
  const { admin } = loadFor(options).config
  if (admin === null) throw new StartupError('admin is none: there is no listener to ask')
  const past = await ask(admin, requestId)
  console.log(options.json === true ? JSON.stringify(past, null, 2) : renderPast(past))
}

async function ask(admin: AdminConfig, requestId: string): Promise<Past> {
  const url = `${adminOrigin(admin)}/console/refusals/${encodeURIComponent(requestId)}`
  const headers = admin.token === null ? {} : { authorization: `Bearer ${admin.token}` }
  const signal = AbortSignal.timeout(timeoutMs)
  const reply = await request(url, { headers, signal }).catch(() => {
    throw new StartupError(`nothing answers at ${adminOrigin(admin)}`)
  })
  const said = (await reply.body.json().catch(() => ({}))) as Past & { readonly detail?: string }
  if (reply.statusCode === 200) return said
  throw new StartupError(said.detail ?? `the gateway answered ${reply.statusCode}`)
}

/** For people, in the form of `explain`. Ends without a newline. */
function renderPast({ refusal, why, isSameConfiguration, route }: Past): string {
  const { method, path, host, address, status, code, userId, requestId, atMs } = refusal
  const isWebSocket = refusal.kind === 'websocket' ? ' (WebSocket)' : ''
  const about: readonly Line[] = [
    ['decision', `refused: ${String(status)} ${code ?? ''} (action: ${why?.action ?? 'none'})`],
    ...(why === null ? [] : [['', why.detail] as const]),
    ...(route === null ? [] : aboutRoute(route)),
    ['credential', credentialText(refusal)],
    ...(userId === null ? [] : [['caller', userId] as const]),
    ...(refusal.target === null ? [] : [['asked', refusal.target] as const]),
    ['refused', `${new Date(atMs).toISOString()}, request ${requestId}`],
    ...(isSameConfiguration ? [] : [['note', changed] as const]),
  ]
  const head = `${method} ${path}${isWebSocket}\nto ${host ?? 'no host'}, from ${address}`
  return `${head}\n\n${about.map(toText).join('\n')}`
}

const changed = 'the configuration has changed since: the route is that of now'

function credentialText({ presented, credential }: AccessRecord): string {
  if (presented.length === 0) return 'none'
  const names = presented.map((kind) => credentials[kind]).join(', ')
  return credential === null ? `${names}: none of it was accepted` : `${names}: accepted`
}

import { once } from 'node:events'
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { Test } from 'tap'
import { startBackend } from '../../helper/backend.ts'
import { startGateway, type Running, type StartOptions } from '../../helper/gateway.ts'
import { systemClock } from '../../../src/clock.ts'
import type { GatewayConfig } from '../../../src/config/types.ts'
import { AccessHub } from '../../../src/ops/access/hub.ts'
import { listenAdmin, urlOf } from '../../../src/ops/admin/server.ts'
import { createConsole } from '../../../src/ops/console/console.ts'
import type { ConsoleDeps } from '../../../src/ops/console/port.ts'
import { base, parse } from '../../config/gateway-file.ts'

export const token = 'Zp4Qm8xW2vB7nT5yR0cJ9hL1gF6dS3aK'
export const withToken = `listen: "127.0.0.1:0", token: "${token}"`

export interface AdminReply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly json: () => Record<string, unknown>
}

export interface AdminCall {
  readonly method?: string
  /** Name-value pairs; `host` is that of the URL unless it is here. */
  readonly headers?: readonly string[]
  readonly body?: string
}

/** Asks an admin listener with exactly these headers, on a connection of its own. */
export async function askAdmin(
  url: string,
  path: string,
  call: AdminCall = {},
): Promise<AdminReply> {
  const { method = 'GET', headers = [], body } = call
  const { hostname, port, host } = new URL(url)
  const names = headers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
  const hostHeader = names.includes('host') ? [] : ['host', host]
  const length = body === undefined ? [] : ['content-length', String(Buffer.byteLength(body))]
  const request = httpRequest({
    ...{ port, path, method, agent: false },
    hostname: hostname.replace(/^\[|\]$/g, ''),
    headers: [...hostHeader, ...headers, ...length] as unknown as Record<string, string>,
    setHost: false,
  })
  request.end(body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response as AsyncIterable<Buffer>) text += chunk.toString('utf8')
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text,
    json: () => JSON.parse(text) as Record<string, unknown>,
  }
}

/** A gateway with an admin listener, in front of an echo. */
export async function startWithConsole(
  t: Test,
  options: Partial<StartOptions> = {},
): Promise<Running & { readonly admin: string }> {
  const upstream = options.upstream ?? (await startBackend(t)).url
  const gateway = await startGateway(t, { admin: withToken, ...options, upstream })
  return { ...gateway, admin: gateway.adminUrl ?? '' }
}

/** JSON of ours, as the page sends it. */
export function post(body: unknown, headers: readonly string[] = []): AdminCall {
  return {
    method: 'POST',
    headers: ['content-type', 'application/json', ...headers],
    body: JSON.stringify(body),
  }
}

export const bearer = (value = token): readonly string[] => ['authorization', `Bearer ${value}`]

/** The cookie that a sign-in gives, as a browser would send it. */
export async function signInAt(admin: string, value = token): Promise<string> {
  const reply = await askAdmin(admin, '/console/sign-in', post({ token: value }))
  return [reply.headers['set-cookie'] ?? []]
    .flat()
    .map((each) => each.split(';')[0])
    .join('; ')
}

/** An admin listener without a gateway, that remembers one refusal with the id `r`. */
export async function startAlone(
  t: Test,
  deps: Partial<ConsoleDeps>,
): Promise<{ readonly admin: string }> {
  const { config } = parse(`admin: { token: "${token}" }\n${base}`)
  if (config === null) throw new Error('the configuration of the test is wrong')
  const hub = new AccessHub()
  const { server, console } = await listenAdmin(
    { host: '127.0.0.1', port: 0 },
    {
      isReady: () => Promise.resolve(true),
      metrics: { render: () => Promise.resolve(''), contentType: 'text/plain' },
      openConsole: (listensLocally) =>
        createConsole({ ...standIns(config, hub), ...deps }, listensLocally),
    },
  )
  t.teardown(() => {
    console.close()
    server.closeAllConnections()
    server.close()
  })
  hub.record(refusal)
  return { admin: urlOf(server) }
}

function standIns(config: GatewayConfig, hub: AccessHub): ConsoleDeps {
  return {
    clock: systemClock,
    logger: { info: () => undefined, warn: () => undefined },
    hub,
    config: () => config,
    phase: () => 'serving',
    isShared: () => true,
    upstreams: () => [],
    live: () => ({ total: 0, users: 0, kinds: { websocket: 0, 'event-stream': 0 }, shown: [] }),
    revoker: null,
    explain: () => ({ chosen: null, refusal: null, runnersUp: [] }),
  }
}

/** A request that was refused. */
const refusal = {
  requestId: 'r',
  traceId: null,
  atMs: 0,
  kind: 'http',
  method: 'GET',
  path: '/api/todos',
  address: '203.0.113.1',
  host: 'app.test',
  presented: [],
  route: 'api',
  decision: 'refused',
  code: 'not_owner',
  observed: null,
  status: 403,
  cut: false,
  userId: null,
  credential: null,
  durationMs: 0.3,
  admissionMs: 0.2,
  upstreamMs: null,
  upstream: null,
  target: null,
} as const

import type { Test } from 'tap'
import { startBackend, type Backend } from '../../helper/backend.ts'
import {
  origin,
  startGateway,
  type Reply,
  type Running,
  type StartOptions,
} from '../../helper/gateway.ts'
import { closeOf, startSocketBackend, type SocketBackend } from '../websocket/backend.ts'
import { begin } from '../websocket/client.ts'

export const routes = `
  - { name: live, match: { path: /live/* }, upstream: sockets, websocket: true }
  - { name: cookies, match: { path: /cookies/* }, upstream: sockets, websocket: true, auth: { accept: [session] } }
  - { name: tokens, match: { path: /tokens/* }, upstream: sockets, websocket: true, auth: { accept: [bearer] } }
  - { name: maybe, match: { path: /maybe/* }, upstream: api, auth: optional }
  - { name: open, match: { path: /open/* }, upstream: api, auth: none }
  - { name: own, match: { path: /own/* }, upstream: api, auth: { mode: none, forwardAuthorization: true } }
  - { name: write, match: { path: /write/*, methods: [POST] }, upstream: api }
  - { name: names, match: { path: /names/*, allow: ["%2F"] }, upstream: api }
  - { name: api, match: { path: /api/* }, upstream: api }`

export const friend = 'https://friend.test'

export interface Parts {
  readonly gateway: Running
  readonly backend: Backend
  readonly sockets: SocketBackend
}

/** A gateway with routes for requests, event streams and WebSockets, and with a trusted origin. */
export async function start(t: Test, more: Partial<StartOptions> = {}): Promise<Parts> {
  const backend = await startBackend(t)
  const sockets = await startSocketBackend(t)
  const gateway = await startGateway(t, optionsFor(backend, sockets, more))
  return { gateway, backend, sockets }
}

export function optionsFor(
  backend: Pick<Backend, 'url'>,
  sockets: Pick<SocketBackend, 'url'>,
  more: Partial<StartOptions> = {},
): StartOptions {
  return {
    upstream: `  api: "${backend.url}"\n  sockets: "${sockets.url}"`,
    routes,
    auth: `signUp: open, trustedOrigins: ["${friend}"]`,
    ...more,
  }
}

/** Asks for a ticket as a page of `from` does. */
export function ask(
  gateway: Running,
  path: unknown,
  headers: Readonly<Record<string, string>>,
  from: string | null = origin,
): Promise<Reply> {
  return gateway.request('/_gateway/ticket', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(from === null ? {} : { origin: from }),
      ...headers,
    },
    body: JSON.stringify({ path }),
  })
}

/** The ticket; throws when there is none. */
export async function ticketFor(...given: Parameters<typeof ask>): Promise<string> {
  const reply = await ask(...given)
  if (reply.status !== 200) throw new Error(`no ticket: ${reply.text}`)
  return String(reply.json()['ticket'])
}

/** What becomes of an `EventSource` with this path and query: 200, or the code of the refusal. */
export async function stream(
  gateway: Running,
  target: string,
  headers: Readonly<Record<string, string>> = { origin },
): Promise<unknown> {
  const reply = await gateway.request(target, {
    headers: { accept: 'text/event-stream', ...headers },
  })
  return reply.status === 200 ? 200 : reply.json()['code']
}

/** What becomes of a WebSocket: `open`, or why it was closed. */
export async function socketFate(
  t: Test,
  gateway: Running,
  target: string,
  headers: Readonly<Record<string, string>> = { origin },
): Promise<string> {
  const socket = begin(t, gateway, target, { headers })
  const closed = closeOf(socket)
  const answered = new Promise<string>((resolve) => {
    socket.once('open', () => {
      socket.send('hello')
    })
    socket.once('message', () => {
      resolve('open')
    })
  })
  const fate = await Promise.race([answered, closed])
  return typeof fate === 'string' ? fate : `${String(fate.code)} ${fate.reason}`
}

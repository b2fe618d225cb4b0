import { once } from 'node:events'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { connect as connectTcp, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'
import { WebSocket, type ClientOptions } from 'ws'
import { host, type Running } from '../../helper/gateway.ts'

/** A route for whoever comes, and one for those who are signed in. */
export const routes = `
  - { name: open, match: { path: /open/* }, upstream: api, auth: none, websocket: true }
  - { name: live, match: { path: /live/* }, upstream: api, websocket: true }`

export interface ConnectOptions extends ClientOptions {
  readonly protocols?: readonly string[]
}

/** Opens a WebSocket through the gateway; rejects when the handshake fails. */
export async function connect(
  t: Test,
  gateway: Running,
  path: string,
  options: ConnectOptions = {},
): Promise<WebSocket> {
  const socket = begin(t, gateway, path, options)
  await once(socket, 'open')
  return socket
}

/** The same without waiting. */
export function begin(
  t: Test,
  gateway: Running,
  path: string,
  { protocols = [], headers = {}, ...more }: ConnectOptions = {},
): WebSocket {
  const url = `${gateway.url.replace('http', 'ws')}${path}`
  const socket = new WebSocket(url, [...protocols], { headers: { host, ...headers }, ...more })
  socket.on('error', () => undefined)
  t.teardown(() => {
    socket.terminate()
  })
  return socket
}

export interface Refused {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

/** The HTTP answer to a handshake that is refused. */
export async function refusalOf(socket: WebSocket): Promise<Refused> {
  const [, response] = (await once(socket, 'unexpected-response')) as [
    ClientRequest,
    IncomingMessage,
  ]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  return { status: response.statusCode ?? 0, headers: response.headers, text }
}

/** The next message, as text. */
export async function nextMessage(socket: WebSocket): Promise<string> {
  const [data] = (await once(socket, 'message')) as [Buffer]
  return data.toString()
}

/** The head of a handshake as a browser would write it; `more` are further lines. */
export function handshake(path: string, more: readonly string[] = []): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...more,
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}

/** A client that says what it likes, byte for byte. */
export interface RawClient {
  readonly socket: Socket
  /** The head of the answer to its handshake. */
  readonly head: string
  /** Everything that came after it so far. */
  readonly received: () => Buffer
  readonly closed: Promise<unknown>
}

/** Connects, and sends this handshake. */
export async function connectRaw(t: Test, gateway: Running, request: string): Promise<RawClient> {
  const { hostname, port } = new URL(gateway.url)
  const socket = connectTcp(Number(port), hostname)
  const chunks: Buffer[] = []
  socket.on('error', () => undefined)
  // Not `once`, which an error would reject.
  const closed = new Promise((resolve) => socket.on('close', resolve))
  t.teardown(() => socket.destroy())
  socket.write(request, 'latin1')
  const [first] = (await once(socket, 'data')) as [Buffer]
  const end = first.indexOf('\r\n\r\n') + 4
  const head = first.toString('latin1', 0, end)
  const body = first.subarray(end)
  if (body.length > 0) chunks.push(body)
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  return { socket, head, received: () => Buffer.concat(chunks), closed }
}

/** A frame as a client sends it, masked with zeros unless told otherwise; short payloads only. */
export function frame(
  first: number,
  payload: Buffer | string = '',
  { masked = true }: { readonly masked?: boolean } = {},
): Buffer {
  const bytes = Buffer.from(payload)
  const head = [first, (masked ? 0x80 : 0) | bytes.length]
  return Buffer.concat([Buffer.from(head), Buffer.alloc(masked ? 4 : 0), bytes])
}

/** The code of the close frame that these bytes begin with, or null. */
export function closeCodeIn(received: Buffer): number | null {
  return received[0] === 0x88 && received.length >= 4 ? received.readUInt16BE(2) : null
}

/** Waits until something is so; fails the test when it takes too long. */
export async function until(isSo: () => boolean, withinMs = 3000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error('it did not come to pass')
    await delay(5)
  }
}

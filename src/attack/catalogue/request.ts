import type { Draft } from '../case.ts'
import { refused } from '../expect.ts'
import type { Probe } from '../ground.ts'
import type { Told } from './words.ts'

/** Stands for the id of the case that a request belongs to; as long as every id is. */
export const idMark = '@@@@@@@@@@@@@@@@'

export interface Written {
  /** Default: the probe's. */
  readonly method?: string
  readonly target?: string
  /** null: none. */
  readonly host?: string | null
  /** Header lines. */
  readonly lines?: readonly string[]
  readonly body?: string
  /** Another request follows on the connection. */
  readonly keep?: boolean
}

/** A request as bytes. Nothing of it is checked: that is what it is for. */
export function write(
  probe: Pick<Probe, 'method' | 'path' | 'host'>,
  written: Written = {},
): string {
  const { method = probe.method, target = probe.path, host = probe.host, body = '' } = written
  const lines = written.lines ?? []
  const says = (name: string): boolean =>
    lines.some((line) => line.toLowerCase().startsWith(`${name}:`))
  const head = [
    `${method} ${target} HTTP/1.1`,
    ...(host === null ? [] : [`Host: ${host}`]),
    ...lines,
    ...(says('x-request-id') ? [] : [`X-Request-Id: ${idMark}`]),
    ...(written.keep === true || says('connection') ? [] : ['Connection: close']),
    ...(body === '' || says('content-length') || says('transfer-encoding')
      ? []
      : [`Content-Length: ${String(body.length)}`]),
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

/** A request that has to be refused with one of these codes. */
export type Unwanted = readonly [about: Told, written: Written, codes: readonly string[]]

export function unwanted(
  probe: Pick<Probe, 'method' | 'path' | 'host'>,
  [about, written, codes]: Unwanted,
): Draft {
  return { ...about, shot: { bytes: write(probe, written) }, expect: refused(...codes) }
}

/** The headers of a WebSocket handshake (RFC 6455 §4.1). The key is any. */
export const handshake = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
] as const

/** Another site. */
export const evil = 'evil.attack.invalid'

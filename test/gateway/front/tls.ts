import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import type { Test } from 'tap'
import { startGateway, type Running, type StartOptions } from '../../helper/gateway.ts'
import type { Pair } from '../../upstream/certificates.ts'

/** A gateway that serves HTTPS with this pair, copied to `tls.crt` and `tls.key` in its folder. */
export function startTlsGateway(t: Test, pair: Pair, options: StartOptions): Promise<Running> {
  return startGateway(t, {
    publicUrl: 'https://app.test',
    ...options,
    server: `tls: { cert: ./tls.crt, key: ./tls.key }, ${options.server ?? ''}`,
    files: {
      'tls.crt': readFileSync(pair.certFile, 'utf8'),
      'tls.key': readFileSync(pair.keyFile, 'utf8'),
    },
  })
}

/** What came back on a TLS connection. */
export interface TlsWire {
  readonly socket: TLSSocket
  /** Resolves once what came back matches; rejects when the connection ends without it. */
  readonly until: (pattern: RegExp) => Promise<string>
  /** Resolves with everything, once the connection has ended in whatever way. */
  readonly ended: Promise<string>
}

/** Opens a TLS connection that ends with the test; rejects when the handshake fails. */
export async function dialTls(
  t: Test,
  gateway: Pick<Running, 'url'>,
  options: ConnectionOptions,
): Promise<TlsWire> {
  const port = Number(new URL(gateway.url).port)
  const socket = connect({ host: '127.0.0.1', port, servername: 'app.test', ...options })
  t.teardown(() => socket.destroy())
  await once(socket, 'secureConnect')
  let text = ''
  socket.on('error', () => undefined)
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
  const ended = new Promise<string>((resolve) => {
    socket.once('close', () => {
      resolve(text)
    })
  })
  return {
    socket,
    until: async (pattern) => {
      while (!pattern.test(text)) {
        if (socket.closed) throw new Error(`the connection ended after ${JSON.stringify(text)}`)
        await Promise.race([once(socket, 'data').catch(() => undefined), ended])
      }
      return text
    },
    ended,
  }
}

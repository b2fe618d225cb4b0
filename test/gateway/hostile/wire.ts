import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Test } from 'tap'

/** A bare connection to a gateway, for what no HTTP client would send. */
export interface Wire {
  readonly socket: Socket
  /** Everything that has come back so far. */
  readonly text: () => string
  readonly send: (bytes: string) => void
  /** Resolves once what came back matches; rejects when the connection ends without it. */
  readonly until: (pattern: RegExp) => Promise<string>
  /** Resolves with everything, once the connection has ended in whatever way. */
  readonly ended: Promise<string>
}

/** Opens a connection that ends with the test. A reset is an end like any other. */
export async function dial(t: Test, url: string): Promise<Wire> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
  socket.on('error', () => undefined)
  // Who waits for an end that does not come should hear of it soon.
  socket.setTimeout(20_000, () => socket.destroy())
  const ended = new Promise<string>((resolve) => {
    socket.once('close', () => {
      resolve(text)
    })
  })
  return {
    socket,
    text: () => text,
    send: (bytes) => socket.write(bytes, 'latin1'),
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

/** Sends bytes on a connection of their own and waits for its end. */
export async function tell(t: Test, url: string, bytes: string): Promise<string> {
  const wire = await dial(t, url)
  wire.send(bytes)
  return wire.ended
}

/** The statuses of the answers in a text, in their order. */
export function statuses(text: string): readonly number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}

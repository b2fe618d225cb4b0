import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { createFrameReader, textFrame } from './frames.ts'
import type { Target } from './load.ts'

/** An open WebSocket connection of which only the bytes are kept. */
export interface WebSocketConnection {
  readonly socket: Socket
  /** Called for each text message. */
  onMessage: () => void
}

/** Opens `count` connections, a few at a time. Rejects when one is refused. */
export async function openWebSockets(
  target: Target,
  count: number,
): Promise<readonly WebSocketConnection[]> {
  const open: WebSocketConnection[] = []
  while (open.length < count) {
    const length = Math.min(50, count - open.length)
    open.push(...(await Promise.all(Array.from({ length }, () => openWebSocket(target)))))
  }
  return open
}

function openWebSocket({ url, headers }: Target): Promise<WebSocketConnection> {
  const { hostname, port, pathname, host } = new URL(url)
  const fields = {
    host,
    ...headers,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  socket.write(`GET ${pathname} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
  return new Promise((resolve, reject) => {
    const connection: WebSocketConnection = { socket, onMessage: () => undefined }
    const readFrames = createFrameReader((opcode) => {
      if (opcode === 1) connection.onMessage()
      else if (opcode === 8) socket.end()
    })
    let head = ''
    const readHead = (chunk: Buffer): void => {
      head += chunk.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      if (end === -1) return
      if (!head.startsWith('HTTP/1.1 101 ')) {
        reject(new Error(`${url} answered ${head.slice(0, head.indexOf('\r\n'))}`))
        return
      }
      socket.off('data', readHead)
      socket.on('data', readFrames)
      if (head.length > end + 4) readFrames(Buffer.from(head.slice(end + 4), 'latin1'))
      resolve(connection)
    }
    socket.on('data', readHead)
    socket.on('error', reject)
    socket.on('close', () => {
      reject(new Error(`${url} was closed before it was accepted`))
    })
  })
}

/** Message, answer, message, answer: on all connections at once. Returns how many answers came back within `ms`. */
export async function countRoundTrips(
  connections: readonly WebSocketConnection[],
  ms: number,
): Promise<number> {
  const message = textFrame(true)
  let answers = 0
  let isOver = false
  for (const connection of connections) {
    connection.onMessage = () => {
      if (isOver) return
      answers += 1
      connection.socket.write(message)
    }
    connection.socket.write(message)
  }
  await new Promise((resolve) => setTimeout(resolve, ms))
  isOver = true
  const closed = connections.filter(({ socket }) => socket.destroyed || socket.readableEnded)
  if (closed.length > 0) throw new Error(`${closed.length} WebSockets were closed`)
  return answers
}

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { readBody, readMessageHead, valuesOf, type Field } from './message.ts'

/** A request that reached an upstream's place, byte for byte. Text stands for bytes, one character each. */
export interface Arrival {
  readonly upstream: string
  /** Everything up to the empty line; or all there was, where there was none. */
  readonly head: string
  readonly method: string
  readonly target: string
  readonly fields: readonly Field[]
  readonly body: string
  readonly trailers: readonly Field[]
  /** All of its body came. */
  readonly isWhole: boolean
  /** It was no HTTP. */
  readonly isFaulty: boolean
  /** Its `X-Request-Id`, or that of the case under way. */
  readonly requestId: string
}

export interface Recorder {
  readonly port: number
  readonly arrivals: readonly Arrival[]
  readonly close: () => void
}

export interface RecorderOptions {
  /** What the upstream is called. */
  readonly name: string
  /** The request that is under way, for what has lost its id. */
  readonly underWay: () => string
  /** Bytes to answer with, or null for an echo. */
  readonly answer: (arrival: Arrival) => string | null
}

/** What never ends is taken as it is after this time, milliseconds. */
const patienceMs = 60
const echoLimit = 4096

/** Listens on a free port of loopback in the place of an upstream, notes what arrives and answers with an echo of it. Lenient on purpose. */
export async function startRecorder(options: RecorderOptions): Promise<Recorder> {
  const arrivals: Arrival[] = []
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    listenTo(socket, options, arrivals)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    arrivals,
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

function listenTo(socket: Socket, options: RecorderOptions, arrivals: Arrival[]): void {
  let text = ''
  let open: number | null = null
  let timer: NodeJS.Timeout | null = null
  const finish = (arrival: Arrival): void => {
    open = null
    if (!socket.writable) return
    socket.write(answerTo(arrival, options.answer), 'latin1')
    const isLast = valuesOf(arrival.fields, 'connection').some((value) => /close/i.test(value))
    if (isLast || arrival.isFaulty) socket.end()
  }
  const take = (isLate: boolean): void => {
    while (text !== '') {
      const read = readArrival(text, options, isLate)
      if (read === null) return
      if (open === null) open = arrivals.push(read.arrival) - 1
      else arrivals[open] = read.arrival
      if (!read.isDone) return
      text = text.slice(read.length)
      finish(read.arrival)
    }
  }
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk
    take(false)
    if (timer !== null) clearTimeout(timer)
    timer = setTimeout(() => {
      take(true)
    }, patienceMs)
  })
  socket.on('error', () => undefined)
  socket.once('close', () => {
    if (timer !== null) clearTimeout(timer)
  })
}

interface ReadArrival {
  readonly arrival: Arrival
  readonly length: number
  readonly isDone: boolean
}

/** @param isLate nothing more will come */
function readArrival(text: string, options: RecorderOptions, isLate: boolean): ReadArrival | null {
  const end = text.indexOf('\r\n\r\n')
  const whole = { upstream: options.name, body: '', trailers: [], isWhole: true }
  if (end === -1) {
    if (!isLate) return null
    const [method = '', target = ''] = text.split(/\s/, 2)
    const known = { head: text, method, target, fields: [], requestId: options.underWay() }
    return { arrival: { ...whole, ...known, isFaulty: true }, length: text.length, isDone: true }
  }
  const head = text.slice(0, end)
  const { firstLine, fields } = readMessageHead(head)
  const [method = '', target = ''] = firstLine.split(' ')
  const { body, trailers, length, state } = readBody(text.slice(end + 4), fields)
  const requestId = valuesOf(fields, 'x-request-id')[0] ?? options.underWay()
  const known = { upstream: options.name, head, method, target, fields, requestId }
  const isWhole = state !== 'unfinished'
  return {
    arrival: { ...known, body, trailers, isWhole, isFaulty: state === 'faulty' },
    length: isWhole ? end + 4 + length : text.length,
    isDone: isWhole || isLate,
  }
}

function answerTo(arrival: Arrival, answer: RecorderOptions['answer']): string {
  const said = answer(arrival)
  if (said !== null) return said
  const [key] = valuesOf(arrival.fields, 'sec-websocket-key')
  if (key !== undefined) return acceptHandshake(key)
  const echo = [arrival.head, '', arrival.body].join('\r\n').slice(0, echoLimit)
  const length = arrival.method === 'HEAD' ? '' : echo
  return `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${String(echo.length)}\r\n\r\n${length}`
}

/** RFC 6455 §4.2.2. */
function acceptHandshake(key: string): string {
  const hash = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  return `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${hash.digest('base64')}\r\n\r\n`
}

import { once } from 'node:events'
import {
  Agent,
  createServer,
  request as ask,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'
import { someAddress } from '../../../helper/gateway.ts'

/** One request as it came to the door. */
export interface Passed {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly isUpgrade: boolean
  /** Until it has been answered whole, or somebody has left. */
  isOpen: boolean
}

/** What a rule may do with a request that it matches. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** As if there were no rule. */
  readonly pass: () => void
}

export interface Door {
  readonly port: number
  readonly passed: readonly Passed[]
  /** Requests so far whose method and path begin so: `POST /_gateway/token`. */
  readonly count: (start: string) => number
  /** The same, only those that are not over. */
  readonly open: (start: string) => number
  readonly leadTo: (url: string) => void
  /** Lets `act` decide about every request to this path, whatever its query. Returns what ends that. */
  readonly rule: (path: string, act: (exchange: Exchange) => void) => () => void
  readonly hold: (path: string, what?: 'request' | 'answer') => Hold
  /** Cuts what is open; nothing gets in until `openAgain`. */
  readonly shut: () => void
  readonly openAgain: () => void
  /** Cuts what is open, as sleep and a change of network do. */
  readonly cut: () => void
}

/** The next request to a path, kept waiting. Those that come after it pass. */
export interface Hold {
  readonly arrived: Promise<void>
  readonly release: () => void
}

interface State {
  target: URL | null
  isShut: boolean
  readonly passed: Passed[]
  readonly rules: Map<string, (exchange: Exchange) => void>
  readonly sockets: Set<Socket>
  readonly agent: Agent
}

/**
 * What browsers come through to the gateway: counts, holds back, answers instead, or is shut. A gateway must know its public URL before
 * it listens, so its port is had first. Calls to Better Auth each seem to come from an address of their own, so that attempts are not
 * counted together.
 */
export async function openDoor(t: Test): Promise<Door> {
  const state: State = {
    ...{ target: null, isShut: false, passed: [], rules: new Map(), sockets: new Set() },
    agent: new Agent({ keepAlive: true }),
  }
  const server = createServer((request, response) => {
    note(state, request, false, response)
    const pass = (): void => {
      forward(state, request, response)
    }
    const act = state.rules.get(pathOf(request))
    if (act === undefined) pass()
    else act({ request, response, pass })
  })
  server.keepAliveTimeout = 60_000
  server.on('connection', (socket) => {
    keep(state, socket)
    if (state.isShut) socket.destroy()
  })
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    note(state, request, true, socket)
    tunnel(state, request, socket, head)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    cut(state)
    state.agent.destroy()
    server.close()
  })
  return controls(state, (server.address() as AddressInfo).port)
}

function controls(state: State, port: number): Door {
  const begins = (start: string) => (each: Passed) =>
    `${each.method} ${each.path}`.startsWith(start)
  const rule: Door['rule'] = (path, act) => {
    state.rules.set(path, act)
    return () => state.rules.delete(path)
  }
  return {
    port,
    passed: state.passed,
    count: (start) => state.passed.filter(begins(start)).length,
    open: (start) => state.passed.filter(begins(start)).filter(({ isOpen }) => isOpen).length,
    leadTo: (url) => {
      state.target = new URL(url)
    },
    rule,
    hold: (path, what = 'request') => hold(rule, state, path, what),
    shut: () => {
      state.isShut = true
      cut(state)
    },
    openAgain: () => {
      state.isShut = false
    },
    cut: () => {
      cut(state)
    },
  }
}

function hold(rule: Door['rule'], state: State, path: string, what: 'request' | 'answer'): Hold {
  const arrived = Promise.withResolvers<undefined>()
  const released = Promise.withResolvers<undefined>()
  const end = rule(path, ({ request, response, pass }) => {
    end()
    if (what === 'request') {
      arrived.resolve(undefined)
      void released.promise.then(pass)
    } else {
      forward(state, request, response, () => {
        arrived.resolve(undefined)
        return released.promise
      })
    }
  })
  return {
    arrived: arrived.promise,
    release: () => {
      released.resolve(undefined)
    },
  }
}

function note(
  { passed }: State,
  { method = '', url = '', headers }: IncomingMessage,
  isUpgrade: boolean,
  end: ServerResponse | Socket,
): void {
  const each = { method, path: url, headers, isUpgrade, isOpen: true }
  passed.push(each)
  end.on('close', () => {
    each.isOpen = false
  })
}

/** @param onAnswer what the answer waits for, once it is there */
function forward(
  { target, agent }: State,
  request: IncomingMessage,
  response: ServerResponse,
  onAnswer: () => Promise<unknown> | null = () => null,
): void {
  if (response.destroyed) return
  const { method = '', url = '', rawHeaders } = request
  const headers = url.startsWith('/api/auth/')
    ? [...rawHeaders, 'X-Forwarded-For', someAddress()]
    : rawHeaders
  const inside = ask({ ...whereTo(target), method, path: url, headers, agent })
  response.on('close', () => inside.destroy())
  inside.on('error', () => response.destroy())
  inside.on('response', (answer) => {
    const send = (): void => {
      response.writeHead(answer.statusCode ?? 0, answer.rawHeaders)
      response.flushHeaders()
      answer.on('error', () => response.destroy())
      answer.pipe(response)
    }
    const waitFor = onAnswer()
    if (waitFor === null) send()
    else void waitFor.then(send)
  })
  request.pipe(inside)
}

function tunnel(state: State, request: IncomingMessage, outside: Socket, head: Buffer): void {
  const inside = connect(whereTo(state.target))
  keep(state, inside)
  const { method = '', url = '', rawHeaders } = request
  const lines = rawHeaders.map((each, index) => (index % 2 === 0 ? `${each}: ` : `${each}\r\n`))
  inside.write(`${method} ${url} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1')
  inside.write(head)
  inside.on('close', () => outside.destroy())
  outside.on('close', () => inside.destroy())
  inside.pipe(outside)
  outside.pipe(inside)
}

function whereTo(target: URL | null): { readonly host: string; readonly port: number } {
  if (target === null) throw new Error('the door leads nowhere yet')
  return { host: target.hostname, port: Number(target.port) }
}

function keep({ sockets }: State, socket: Socket): void {
  sockets.add(socket)
  socket.on('error', () => undefined)
  socket.on('close', () => sockets.delete(socket))
}

function cut({ sockets }: State): void {
  for (const socket of sockets) socket.destroy()
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?')[0] ?? ''
}

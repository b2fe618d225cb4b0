import type { Core } from '../core/create.ts'
import { readProblem, type Problem } from '../problem.ts'
import { createStream, helpsItself, obeyEnd } from './stream.ts'

/** What ends a connection and not what it is for: servers that go away, networks that fail, time that runs out (RFC 6455 §7.4.1). */
const isPassing = /^(100[16]|101[1-4]|3008|3000token_expired$)/
/** What the gateway closes with where signing in helps; an application may use these codes with reasons of its own. */
const leadsToLogin = /^(3000(session|token|credential)_|3003session_not_fresh$)/

/** See `GatewayClient.webSocket`. */
export function openWebSocket(
  core: Core,
  url: string | URL,
  protocols: string | string[] = [],
): WebSocket {
  const address = new URL(url, document.baseURI)
  address.protocol = address.protocol.replace('http', 'ws')
  let socket: WebSocket | undefined
  const known = {
    ...{ protocol: '', extensions: '', bufferedAmount: 0 },
    binaryType: 'blob' as BinaryType,
  }
  const stream = createStream(core, address, 3, connect, () => socket?.close())
  const { target, isOver, emit, finish } = stream
  const closed = (event: CloseEvent): void => {
    const { code, reason } = event
    const why = `${code}${reason}`
    if (isOver()) {
      // By ourselves.
    } else if (isPassing.test(why)) stream.comeBack()
    else {
      if (leadsToLogin.test(why))
        obeyEnd(core, { action: 'login', code: reason as Problem['code'] })
      finish(/^300[03]/.test(why) ? reason : null)
    }
    emit(new CloseEvent('close', event))
  }
  async function connect(): Promise<void> {
    try {
      if (core.isBearer && (await core.client.token())) {
        // A handshake cannot carry the token.
        const response = await core.client.fetch('/_gateway/ticket', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ path: address.pathname }),
        })
        const problem = await readProblem(response)
        if (problem && !helpsItself(problem)) finish(problem.code)
        const { ticket } = (await response.json()) as { ticket?: string }
        if (!ticket) throw new TypeError()
        address.searchParams.set('ticket', ticket)
      }
    } catch {
      if (!isOver()) stream.comeBack()
      return
    }
    if (isOver()) return
    socket = new WebSocket(address, protocols)
    socket.binaryType = known.binaryType
    socket.onopen = stream.opened
    socket.onclose = closed
    // Events are given what events have.
    socket.onmessage = (event) => {
      emit(new MessageEvent('message', event as object))
    }
  }
  const object = Object.assign(target, {
    send: (data: string) => {
      if (target.readyState !== 1 || !socket) {
        throw new DOMException('not open', 'InvalidStateError')
      }
      socket.send(data)
    },
    close: (code?: number, reason?: string) => {
      socket?.close(code, reason)
      finish()
    },
  })
  // What the connection knows, and may be told while there is one.
  for (const name of Object.keys(known) as (keyof typeof known)[]) {
    Object.defineProperty(object, name, {
      get: () => socket?.[name] ?? known[name],
      set: (value: never) => {
        known[name] = value
        if (socket) (socket as typeof known)[name] = value
      },
    })
  }
  void connect()
  return object as unknown as WebSocket
}

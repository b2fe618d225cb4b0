import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Test } from 'tap'
import { Exchange, type EndStream, type ExchangeEvents } from '../../../src/proxy/exchange.ts'
import type { Call } from '../../../src/upstream/http1/port.ts'
import { Turn } from '../../../src/upstream/http1/turn.ts'
import { receive } from '../uploading.ts'

/** A client that waits for an answer, and the response that it would get. */
export function ask(t: Test): Promise<{ client: Socket; reply: ServerResponse }> {
  return receive(t, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
}

export interface Owner extends ExchangeEvents {
  readonly calls: string[]
  end: EndStream | null
}

/** Notes what the exchange tells it; takes 401 over, and lets streams begin unless it is told not to. */
export function createOwner(reply: ServerResponse, letsStream = true): Owner {
  const calls: string[] = []
  const owner: Owner = {
    calls,
    end: null,
    headersFor: (status, headers) => (status === 401 ? null : headers),
    onTakenOver: () => {
      calls.push('taken over')
      reply.end('mine')
    },
    onStream: (end) => {
      owner.end = end
      if (!letsStream) reply.end('refused')
      return letsStream
    },
    onFailed: () => calls.push('failed'),
    onCut: () => calls.push('cut'),
    onDone: () => calls.push('done'),
  }
  return owner
}

/** A request that is under way, and nobody at the other end. */
export interface StagedCall extends Call {
  readonly isAborted: () => boolean
}

export function createCall(): StagedCall {
  let aborted = false
  const nothing = (): void => undefined
  return {
    pause: nothing,
    resume: nothing,
    allowIdle: nothing,
    abort: () => (aborted = true),
    isAborted: () => aborted,
  }
}

/** An exchange whose request has been sent. */
export function beginExchange(
  reply: ServerResponse,
  owner: ExchangeEvents,
  limits = timeout,
): { readonly exchange: Exchange; readonly call: StagedCall } {
  const exchange = new Exchange(reply, owner, limits, new Turn())
  const call = createCall()
  exchange.begin(call)
  return { exchange, call }
}

export const stream = ['content-type', 'text/event-stream']
export const timeout = { idleMs: 10_000, streamIdleMs: 10_000 }

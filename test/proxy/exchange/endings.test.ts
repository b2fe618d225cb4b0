import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import t from 'tap'
import { ClientGone, Exchange } from '../../../src/proxy/exchange.ts'
import {
  ask,
  createController,
  createOwner,
  stream,
  timeout,
  type Controller,
  type Owner,
} from './stage.ts'

interface Stage {
  readonly exchange: Exchange
  readonly owner: Owner
  readonly client: Socket
  readonly reply: ServerResponse
  readonly begin: (status: number, headers?: readonly string[]) => Controller
}

type Act = (stage: Stage) => Promise<void> | void

/** In each of these FastAPI's side ends in another way; the owner must be told once. */
const endings: Readonly<Record<string, readonly [calls: string, act: Act]>> = {
  'an answer': [
    'done',
    ({ exchange, begin }) => {
      begin(200)
      exchange.onResponseEnd()
    },
  ],
  'an answer that breaks off': [
    'cut, done',
    ({ exchange, begin }) => {
      exchange.onResponseError(begin(200), new Error('reset'))
    },
  ],
  'no answer': [
    'failed',
    ({ exchange }) => {
      const controller = createController(exchange)
      exchange.onRequestStart(controller)
      exchange.onResponseError(controller, new Error('reset'))
    },
  ],
  'a request that is not sent at all': [
    'failed',
    ({ exchange }) => {
      exchange.onResponseError(null, new Error('invalid'))
    },
  ],
  'a request that is neither sent nor waited for': [
    'done',
    async ({ exchange, client, reply }) => {
      client.destroy()
      await once(reply, 'close')
      const controller = createController(exchange)
      exchange.onRequestStart(controller)
      if (!controller.aborted) throw new Error('it would be sent')
    },
  ],
  'a client that leaves before there is a connection': [
    'done',
    async ({ exchange, client, reply }) => {
      client.destroy()
      await once(reply, 'close')
      exchange.onResponseError(null, new Error('connect timeout'))
    },
  ],
  'a client that leaves': [
    'done',
    async ({ begin, client, reply }) => {
      begin(200)
      client.destroy()
      await once(reply, 'close')
    },
  ],
  'a body whose client has left': [
    'done',
    ({ exchange }) => {
      const controller = createController(exchange)
      exchange.onRequestStart(controller)
      controller.abort(new ClientGone())
    },
  ],
  'an absurd status': ['failed', ({ begin }) => void begin(999)],
  'a protocol that nobody asked for': ['failed', ({ begin }) => void begin(101)],
  'a 401': [
    'taken over, done',
    ({ exchange, begin }) => {
      exchange.onResponseData(begin(401), Buffer.from('no'))
      exchange.onResponseEnd()
    },
  ],
  'a 401 that breaks off': [
    'failed',
    ({ exchange, begin }) => {
      exchange.onResponseError(begin(401), new Error('reset'))
    },
  ],
  'a 401 that is too long': [
    'taken over, done',
    ({ exchange, begin }) => {
      exchange.onResponseData(begin(401), Buffer.alloc(100_000))
    },
  ],
  'a stream': [
    'done',
    ({ exchange, begin }) => {
      begin(200, stream)
      exchange.onResponseEnd()
    },
  ],
  'a stream that breaks off': [
    'cut, done',
    ({ exchange, begin }) => {
      exchange.onResponseError(begin(200, stream), new Error('reset'))
    },
  ],
  'a stream that is ended': [
    'done',
    ({ begin, owner }) => {
      begin(200, stream)
      owner.end?.('data: last\n\n')
      owner.end?.('data: again\n\n')
    },
  ],
  'a stream that is ended in the middle of an event, and then by FastAPI': [
    'done',
    ({ exchange, begin, owner }) => {
      exchange.onResponseData(begin(200, stream), Buffer.from('data'))
      owner.end?.('data: last\n\n')
      exchange.onResponseEnd()
      owner.end?.('data: again\n\n')
    },
  ],
  'a stream that is ended as its reader leaves': [
    'done',
    async ({ begin, owner, client, reply }) => {
      begin(200, stream)
      client.destroy()
      await once(reply, 'close')
      owner.end?.('data: last\n\n')
    },
  ],
}

t.test('the owner is told once how FastAPI’s side ended, whatever comes afterwards', async (t) => {
  for (const [what, [calls, act]] of Object.entries(endings)) {
    for (const letsStream of what.startsWith('a stream') ? [true, false] : [true]) {
      const { client, reply } = await ask(t)
      const owner = createOwner(reply, letsStream)
      const exchange = new Exchange(reply, owner, timeout)
      const begin: Stage['begin'] = (status, headers = []) => {
        const controller = createController(exchange, headers)
        exchange.onRequestStart(controller)
        exchange.onResponseStart(controller, status)
        return controller
      }
      await act({ exchange, owner, client, reply, begin })
      exchange.onResponseEnd()
      exchange.onResponseError(null, new Error('late'))
      if (!reply.closed) {
        client.destroy()
        await once(reply, 'close')
      }
      // A stream that was not let begin is over, whatever would have become of it.
      t.equal(owner.calls.join(', '), letsStream ? calls : 'done', what)
    }
  }
})

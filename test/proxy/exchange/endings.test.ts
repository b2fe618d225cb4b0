import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import t from 'tap'
import type { Exchange } from '../../../src/proxy/exchange.ts'
import { ClientGone } from '../../../src/proxy/failure.ts'
import { ask, beginExchange, createOwner, stream, type Owner, type StagedCall } from './stage.ts'

interface Stage {
  readonly exchange: Exchange
  readonly owner: Owner
  readonly client: Socket
  readonly reply: ServerResponse
  readonly call: StagedCall
}

type Act = (stage: Stage) => Promise<void> | void

/** In each of these FastAPI's side ends in another way; the owner must be told once. */
const endings: Readonly<Record<string, readonly [calls: string, act: Act]>> = {
  'an answer': [
    'done',
    ({ exchange }) => {
      exchange.onHead(200, [])
      exchange.onEnd(Buffer.from('whole'))
    },
  ],
  'an answer that breaks off': [
    'cut, done',
    ({ exchange }) => {
      exchange.onHead(200, [])
      exchange.onData(Buffer.from('half'))
      exchange.onError(new Error('reset'))
    },
  ],
  'an answer that breaks off before anything of it was sent': [
    'failed',
    ({ exchange }) => {
      exchange.onHead(200, [])
      exchange.onError(new Error('reset'))
    },
  ],
  'no answer': [
    'failed',
    ({ exchange }) => {
      exchange.onError(new Error('reset'))
    },
  ],
  'a client that leaves before there is an answer': [
    'done',
    async ({ call, client, reply }) => {
      client.destroy()
      await once(reply, 'close')
      if (!call.isAborted()) throw new Error('FastAPI goes on with it')
    },
  ],
  'a client that leaves': [
    'done',
    async ({ exchange, call, client, reply }) => {
      exchange.onHead(200, [])
      client.destroy()
      await once(reply, 'close')
      if (!call.isAborted()) throw new Error('FastAPI goes on with it')
    },
  ],
  'a body whose client has left': [
    'done',
    ({ exchange }) => {
      exchange.onError(new ClientGone())
    },
  ],
  'a 401': [
    'taken over, done',
    ({ exchange }) => {
      exchange.onHead(401, [])
      exchange.onData(Buffer.from('no'))
      exchange.onEnd(null)
    },
  ],
  'a 401 that breaks off': [
    'failed',
    ({ exchange }) => {
      exchange.onHead(401, [])
      exchange.onError(new Error('reset'))
    },
  ],
  'a 401 that is too long': [
    'taken over, done',
    ({ exchange, call }) => {
      exchange.onHead(401, [])
      exchange.onData(Buffer.alloc(100_000))
      if (!call.isAborted()) throw new Error('it is read for ever')
    },
  ],
  'a 401 that is too long at its end': [
    'taken over, done',
    ({ exchange }) => {
      exchange.onHead(401, [])
      exchange.onEnd(Buffer.alloc(100_000))
    },
  ],
  'a stream': [
    'done',
    ({ exchange }) => {
      exchange.onHead(200, stream)
      exchange.onEnd(null)
    },
  ],
  'a stream that breaks off': [
    'cut, done',
    ({ exchange }) => {
      exchange.onHead(200, stream)
      exchange.onError(new Error('reset'))
    },
  ],
  'a stream that is ended': [
    'done',
    ({ exchange, owner }) => {
      exchange.onHead(200, stream)
      owner.end?.('data: last\n\n')
      owner.end?.('data: again\n\n')
    },
  ],
  'a stream that is ended in the middle of an event, and then by FastAPI': [
    'done',
    ({ exchange, owner }) => {
      exchange.onHead(200, stream)
      exchange.onData(Buffer.from('data'))
      owner.end?.('data: last\n\n')
      exchange.onEnd(null)
      owner.end?.('data: again\n\n')
    },
  ],
  'a stream that is ended in the middle of an event that is the last of FastAPI': [
    'done',
    ({ exchange, owner }) => {
      exchange.onHead(200, stream)
      exchange.onData(Buffer.from('data'))
      owner.end?.('data: last\n\n')
      exchange.onEnd(Buffer.from(': x\n\n'))
    },
  ],
  'a stream that is ended as its reader leaves': [
    'done',
    async ({ exchange, owner, client, reply }) => {
      exchange.onHead(200, stream)
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
      const { exchange, call } = beginExchange(reply, owner)
      await act({ exchange, call, owner, client, reply })
      exchange.onEnd(null)
      exchange.onError(new Error('late'))
      if (!reply.closed) {
        client.destroy()
        await once(reply, 'close')
      }
      // A stream that was not let begin is over, whatever would have become of it.
      t.equal(owner.calls.join(', '), letsStream ? calls : 'done', what)
    }
  }
})

import type { Test } from 'tap'
import { ConnectionPool, type ConnectionRules } from '../../../../src/upstream/http1/pool.ts'
import type {
  AnswerHandler,
  BodySink,
  Call,
  RequestBody,
  UpstreamRequest,
} from '../../../../src/upstream/http1/port.ts'
import type { RawTarget } from './target.ts'

/** A pool that ends with the test. */
export function openPool(
  t: Test,
  { origin }: Pick<RawTarget, 'origin'>,
  rules: Partial<ConnectionRules> = {},
): ConnectionPool {
  const pool = new ConnectionPool({ origin, connectMs: 5000, tls: null, ...rules })
  t.teardown(() => {
    pool.destroy()
  })
  return pool
}

export interface Asked {
  readonly call: Call
  /** What the handler was told, in order: `head 200`, `data`, `quiet`, `end`, or the name of an error. */
  readonly told: readonly string[]
  readonly body: () => string
  /** When it was told of its head or of a piece last, or when it was asked; and when it ended: `performance.now()`. */
  readonly movedAt: () => number
  readonly endedAt: () => number
  /** Resolves at the end with the body, or with the error. It may be told more all the same. */
  readonly over: Promise<string | Error>
}

/** Sends a request and notes what becomes of it. @param also hears the same, afterwards */
export function ask(
  pool: ConnectionPool,
  request: Partial<UpstreamRequest> = {},
  also: Partial<AnswerHandler> = {},
  how: 'send' | 'probe' = 'send',
): Asked {
  const told: string[] = []
  let body = ''
  let [movedAt, endedAt] = [performance.now(), 0]
  const { promise: over, resolve } = Promise.withResolvers<string | Error>()
  const whole = { method: 'GET', path: '/', headers: ['host', 'app.test'], body: null }
  const call = pool[how](
    { ...whole, firstByteMs: 0, idleMs: 0, ...request },
    {
      onHead: (status, headers) => {
        movedAt = performance.now()
        told.push(`head ${status}`)
        also.onHead?.(status, headers)
      },
      onQuiet: () => {
        told.push('quiet')
        also.onQuiet?.()
      },
      onData: (chunk) => {
        movedAt = performance.now()
        if (told.at(-1) !== 'data') told.push('data')
        body += chunk.toString('latin1')
        also.onData?.(chunk)
      },
      onEnd: (last) => {
        endedAt = performance.now()
        told.push('end')
        body += last?.toString('latin1') ?? ''
        resolve(body)
        also.onEnd?.(last)
      },
      onError: (error) => {
        endedAt = performance.now()
        told.push(error.name)
        resolve(error)
        also.onError?.(error)
      },
    },
  )
  return { call, told, body: () => body, movedAt: () => movedAt, endedAt: () => endedAt, over }
}

export interface StagedBody extends RequestBody {
  /** Resolves once the head has been sent. */
  readonly sink: Promise<BodySink>
  /** What was asked of it: `send`, `resume`, `stop`, or `fail`, which is a stop where nobody will answer. */
  readonly asked: readonly string[]
}

/** A request body that the test writes by hand. */
export function createBody(chunked = false): StagedBody {
  const asked: string[] = []
  const { promise: sink, resolve } = Promise.withResolvers<BodySink>()
  return {
    chunked,
    sink,
    asked,
    sendTo: (to) => {
      asked.push('send')
      resolve(to)
    },
    resume: () => asked.push('resume'),
    stop: (failed) => asked.push(failed ? 'fail' : 'stop'),
  }
}

/** A body that is sent at once. */
export function createText(text: string): RequestBody {
  return {
    chunked: false,
    sendTo: (sink) => {
      sink.write(Buffer.from(text, 'latin1'))
      sink.end()
    },
    resume: () => undefined,
    stop: () => undefined,
  }
}

/** A POST with a text. */
export function post(path: string, text: string): Partial<UpstreamRequest> {
  const headers = ['host', 'app.test', 'content-length', String(text.length)]
  return { method: 'POST', path, headers, body: createText(text) }
}

/** Resolves at the end of a turn: what is done next is seen by whatever is read before anything is sent. */
export function turnOver(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

import type { Core } from '../core/create.ts'
import { readProblem } from '../problem.ts'
import type { Problem, StreamOptions } from '../types.ts'
import { createEventParser, type ParsedEvent } from './event-parser.ts'
import { createStream, helpsItself, obeyEnd } from './stream.ts'

/** See `GatewayClient.eventSource`. Reads by `fetch`: the browser's own `EventSource` neither tells why it was refused nor resumes after that. */
export function openEventSource(
  core: Core,
  url: string | URL,
  { headers }: StreamOptions = {},
): EventSource {
  const address = new URL(url, document.baseURI)
  const resume = { lastEventId: '', retryMs: 0 }
  let request = new AbortController()
  const stream = createStream(core, address, 2, connect, () => {
    request.abort()
  })
  const { target, isOver, emit, finish } = stream
  const lost = (leastMs: number): void => {
    if (isOver()) return
    stream.comeBack(leastMs)
    emit(new Event('error'))
  }
  const take = ({ type, ...event }: ParsedEvent): void => {
    if (isOver()) return
    if (type !== 'sallyport') {
      emit(new MessageEvent(type, { ...event, origin }))
      return
    }
    // The gateway's own last word.
    const problem = JSON.parse(event.data) as Problem
    obeyEnd(core, problem)
    if (!helpsItself(problem)) finish(problem.code)
  }
  async function connect(): Promise<void> {
    request = new AbortController()
    try {
      const response = await core.client.fetch(address, {
        headers: {
          accept: 'text/event-stream',
          ...headers,
          ...(resume.lastEventId && { 'last-event-id': toBytes(resume.lastEventId) }),
        },
        cache: 'no-store',
        signal: request.signal,
      })
      const type = response.headers.get('content-type') ?? ''
      if (response.status === 200 && type.startsWith('text/event-stream') && response.body) {
        stream.opened()
        const parse = createEventParser(resume)
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
        for (;;) {
          const { value } = await reader.read()
          if (value === undefined) break
          parse(value).forEach(take)
        }
      } else {
        const problem = await readProblem(response)
        request.abort()
        const isPassing = problem
          ? helpsItself(problem)
          : response.status > 499 || response.status === 429
        if (isPassing) lost(Number(response.headers.get('retry-after')) * 1000 || 0)
        else finish(problem?.code)
        return
      }
    } catch {
      // The network; a request that was given up has nothing to come back to.
    }
    lost(resume.retryMs)
  }
  void connect()
  return Object.assign(target, {
    withCredentials: false,
    close: () => {
      finish()
    },
  }) as unknown as EventSource
}

/** Header values are bytes; ids are text, and go out as UTF-8. */
function toBytes(id: string): string {
  return String.fromCharCode(...new TextEncoder().encode(id))
}

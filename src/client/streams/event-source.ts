import type { Core } from '../core.ts'
import { readProblem } from '../problem.ts'
import type { Problem, StreamOptions } from '../types.ts'
import { EventParser, type ParsedEvent } from './event-parser.ts'
import { Stream } from './stream.ts'

/** See `GatewayClient.eventSource`. Reads by `fetch`: the browser's own `EventSource` neither tells why it was refused nor resumes after that. */
export class GatewayEventSource extends Stream {
  readonly withCredentials = false
  readonly #options: StreamOptions
  #parser = new EventParser('')
  #request = new AbortController()

  constructor(core: Core, url: string | URL, options: StreamOptions = {}) {
    super(core, new URL(url, document.baseURI))
    this.#options = options
    void this.connect()
  }

  close(): void {
    this.finish(null)
  }

  override hangUp(): void {
    this.#request.abort()
  }

  override async connect(): Promise<void> {
    this.#request = new AbortController()
    try {
      const response = await this.core.client.fetch(this.url, {
        headers: this.#headers(),
        cache: 'no-store',
        signal: this.#request.signal,
      })
      const type = response.headers.get('content-type') ?? ''
      if (response.status !== 200 || !type.startsWith('text/event-stream')) {
        await this.#judge(response)
        return
      }
      this.#parser = new EventParser(this.#parser.lastEventId)
      this.opened()
      await this.#read(response)
    } catch {
      // The network; a request that was given up has nothing to come back to.
    }
    this.#lost(this.#parser.retryMs)
  }

  #headers(): Record<string, string> {
    const { lastEventId } = this.#parser
    // Header values are bytes; ids are text, and go out as UTF-8.
    const id = String.fromCharCode(...new TextEncoder().encode(lastEventId))
    const resumed = id === '' ? {} : { 'last-event-id': id }
    return { accept: 'text/event-stream', ...this.#options.headers, ...resumed }
  }

  async #read({ body }: Response): Promise<void> {
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { value } = (await reader?.read()) ?? {}
      if (value === undefined) return
      for (const event of this.#parser.read(value)) {
        if (this.readyState === this.CLOSED) return
        if (event.type === 'sallyport') this.#obey(event)
        else this.#tell(event)
      }
    }
  }

  #tell({ type, data, lastEventId }: ParsedEvent): void {
    this.emit(new MessageEvent(type, { data, lastEventId, origin: location.origin }))
  }

  /** The gateway's own last word. */
  #obey(event: ParsedEvent): void {
    const problem = JSON.parse(event.data) as Problem
    if (helpsItself(problem)) return
    this.core.obey(problem)
    this.finish(problem.code)
  }

  async #judge(response: Response): Promise<void> {
    const problem = await readProblem(response)
    const { status } = response
    const leastMs = Number(response.headers.get('retry-after')) * 1000 || 0
    await response.body?.cancel()
    const isPassing = problem === null ? status >= 500 || status === 429 : helpsItself(problem)
    if (isPassing) this.#lost(leastMs)
    else this.finish(problem?.code ?? null)
  }

  #lost(leastMs: number): void {
    if (this.readyState === this.CLOSED) return
    this.readyState = this.CONNECTING
    this.comeBack(leastMs)
    this.emit(new Event('error'))
  }
}

function helpsItself({ action }: Problem): boolean {
  return action === 'retry' || action === 'refresh'
}

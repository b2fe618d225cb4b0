import type { ServerResponse } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import { commonHeaders, sendProblem } from './answer.ts'

const everyMs = 1000
const maxViewers = 16
/** How long a viewer may leave what it was sent unread, in pulses. */
const patience = 30

interface Viewer {
  readonly response: ServerResponse
  readonly mayStay: () => boolean
  unread: number
}

/** Whoever looks, and what they are sent each second. While nobody does, nothing is made. */
export class Viewers {
  readonly #pulse: () => unknown
  readonly #logger: Pick<FastifyBaseLogger, 'warn'>
  readonly #all = new Set<Viewer>()
  #timer: NodeJS.Timeout | null = null

  /** @param pulse makes what everybody is sent */
  constructor(pulse: () => unknown, logger: Pick<FastifyBaseLogger, 'warn'>) {
    this.#pulse = pulse
    this.#logger = logger
  }

  /**
   * Begins an event stream. Problem: `too_many_streams`.
   * @param mayStay asked each second: a token that was changed lets nobody stay
   */
  add(response: ServerResponse, mayStay: () => boolean): void {
    if (this.#all.size >= maxViewers) {
      sendProblem(response, 'too_many_streams')
      return
    }
    const viewer: Viewer = { response, mayStay, unread: 0 }
    response.writeHead(200, { ...commonHeaders, 'content-type': 'text/event-stream' })
    response.write('retry: 2000\n\n')
    response.once('close', () => {
      this.#remove(viewer)
    })
    response.on('error', () => undefined)
    this.#all.add(viewer)
    this.#timer ??= setInterval(() => {
      this.#tellAll()
    }, everyMs).unref()
  }

  close(): void {
    for (const viewer of [...this.#all]) this.#end(viewer)
  }

  /** Never throws: the gateway goes on without its console. */
  #tellAll(): void {
    try {
      for (const viewer of [...this.#all]) if (!viewer.mayStay()) this.#end(viewer)
      if (this.#all.size > 0) this.#tell(`event: pulse\ndata: ${JSON.stringify(this.#pulse())}\n\n`)
    } catch (error) {
      this.#logger.warn({ err: error }, 'console: a pulse failed')
      this.close()
    }
  }

  #tell(event: string): void {
    for (const viewer of [...this.#all]) {
      // Whoever does not read misses something, and is not waited for for ever.
      if (!viewer.response.writableNeedDrain) {
        viewer.unread = 0
        viewer.response.write(event)
      } else if ((viewer.unread += 1) > patience) viewer.response.destroy()
    }
  }

  #end(viewer: Viewer): void {
    viewer.response.end()
    this.#remove(viewer)
  }

  #remove(viewer: Viewer): void {
    this.#all.delete(viewer)
    if (this.#all.size > 0 || this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
  }
}

import type { Core } from '../core.ts'
import { readProblem, type Problem } from '../problem.ts'
import { Stream } from './stream.ts'

/** What ends a connection and not what it is for: servers that go away, networks that fail, time that runs out (RFC 6455 §7.4.1). */
const passing = new Set([1001, 1006, 1011, 1012, 1013, 1014, 3008])

/** See `GatewayClient.webSocket`. */
export class GatewayWebSocket extends Stream {
  readonly CLOSING = 2
  override readonly CLOSED = 3
  binaryType: BinaryType = 'blob'
  readonly #protocols: string | readonly string[]
  #socket: WebSocket | null = null

  constructor(core: Core, url: string | URL, protocols: string | readonly string[] = []) {
    const address = new URL(url, document.baseURI)
    address.protocol = address.protocol.replace('http', 'ws')
    super(core, address)
    this.#protocols = protocols
    void this.connect()
  }

  get protocol(): string {
    return this.#socket?.protocol ?? ''
  }

  get extensions(): string {
    return this.#socket?.extensions ?? ''
  }

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0
  }

  send(data: string | Blob | BufferSource): void {
    if (this.readyState !== this.OPEN || this.#socket === null) {
      throw new DOMException('not open', 'InvalidStateError')
    }
    this.#socket.send(data)
  }

  close(code?: number, reason?: string): void {
    this.#socket?.close(code, reason)
    this.finish(null)
  }

  override hangUp(): void {
    this.#socket?.close()
  }

  override async connect(): Promise<void> {
    let address: string | null
    try {
      address = await this.#address()
    } catch {
      this.comeBack()
      return
    }
    if (address === null || this.readyState === this.CLOSED) return
    const socket = new WebSocket(address, this.#protocols as string | string[])
    this.#socket = socket
    socket.binaryType = this.binaryType
    socket.onopen = () => {
      this.opened()
    }
    socket.onmessage = ({ data, origin }: MessageEvent<unknown>) => {
      this.emit(new MessageEvent('message', { data, origin }))
    }
    socket.onclose = (event) => {
      this.#closed(event)
    }
  }

  /** With a ticket where a token is the credential, which a handshake cannot carry. null: it may not connect. */
  async #address(): Promise<string | null> {
    const { client, isBearer } = this.core
    const url = new URL(this.url)
    if (!isBearer || url.host !== location.host || (await client.token()) === null) return url.href
    const response = await client.fetch('/_gateway/ticket', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ path: url.pathname }),
    })
    if (response.ok) {
      const { ticket } = (await response.json()) as { ticket: string }
      url.searchParams.set('ticket', ticket)
      return url.href
    }
    const problem = await readProblem(response)
    if (problem === null || problem.action === 'retry') throw new TypeError('no ticket')
    this.finish(problem.code)
    return null
  }

  #closed(event: CloseEvent): void {
    const { code, reason, wasClean } = event
    if (this.readyState !== this.CLOSED) {
      this.readyState = this.CONNECTING
      if (passing.has(code)) this.comeBack()
      else if (code === 3000 && reason === 'token_expired') this.comeBack()
      else {
        if (leadsToLogin.test(`${code}${reason}`)) {
          this.core.obey({ action: 'login', code: reason as Problem['code'] })
        }
        this.finish(code === 3000 || code === 3003 ? reason : null)
      }
    }
    this.emit(new CloseEvent('close', { code, reason, wasClean }))
  }
}

/** What the gateway closes with where signing in helps; an application may use these codes with reasons of its own. */
const leadsToLogin = /^3000(session|token|credential)_|^3003session_not_fresh$/

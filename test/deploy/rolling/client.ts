import { once } from 'node:events'
import { Client, type Dispatcher } from 'undici'
import { WebSocket } from 'ws'
import { password } from '../../helper/gateway.ts'
import { host, type Installation } from './installation.ts'

export interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly text: string
  /** Name and value of the cookies that were set. */
  readonly cookie: string
}

export type Call = Omit<Dispatcher.RequestOptions, 'headers' | 'method' | 'path'> & {
  readonly headers?: Record<string, string>
  readonly method?: Dispatcher.HttpMethod
}

let browsers = 1

/** One browser: an address of its own, one connection, nothing is retried. */
export class Browser {
  readonly #client: Client
  readonly #port: number
  readonly #connect: { readonly ca: string; readonly servername: string }
  readonly #localAddress: string

  constructor({ port, ca }: Installation) {
    browsers += 1
    // HAProxy says this address in X-Forwarded-For, and everything that counts callers counts this one.
    this.#localAddress = `127.1.${browsers >> 8}.${browsers & 255}`
    this.#port = port
    this.#connect = { ca, servername: host }
    this.#client = new Client(`https://127.0.0.1:${port}`, {
      connect: this.#connect,
      localAddress: this.#localAddress,
      // Half of them speak HTTP/1.1 to HAProxy.
      allowH2: browsers % 2 === 0,
    })
  }

  async send(path: string, { headers = {}, method = 'GET', ...more }: Call): Promise<Answer> {
    const sent = { host, origin: `https://${host}`, ...headers }
    const answer = await this.#client.request({ ...more, path, method, headers: sent })
    const text = await answer.body.text()
    const cookie = [answer.headers['set-cookie'] ?? []].flat().map((each) => each.split(';')[0])
    return { status: answer.statusCode, headers: answer.headers, text, cookie: cookie.join('; ') }
  }

  /** An event stream, as it arrives. */
  async open(
    path: string,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const sent = { host, accept: 'text/event-stream', ...headers }
    return this.#client.request({ path, method: 'GET', headers: sent, signal })
  }

  /** Resolves when the handshake is over; rejects when it failed. */
  async webSocket(path: string, cookie: string): Promise<WebSocket> {
    const socket = new WebSocket(`wss://127.0.0.1:${this.#port}${path}`, {
      ...this.#connect,
      localAddress: this.#localAddress,
      headers: { host, cookie, origin: `https://${host}` },
    })
    await once(socket, 'open')
    return socket
  }

  async close(): Promise<void> {
    await this.#client.destroy()
  }
}

export interface Person {
  readonly id: string
  readonly email: string
  readonly cookie: string
}

export async function signUp(browser: Browser): Promise<Person> {
  const email = `${crypto.randomUUID()}@example.com`
  const { status, text, cookie } = await post(browser, '/api/auth/sign-up/email', null, {
    name: 'Ada',
    email,
    password,
  })
  if (status !== 200) throw new Error(`a sign-up was answered ${status}: ${text}`)
  const { user } = JSON.parse(text) as { user: { id: string } }
  return { id: user.id, email, cookie }
}

/** Sends JSON. */
export function post(
  browser: Browser,
  path: string,
  cookie: string | null,
  body: object,
): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...(cookie === null ? {} : { cookie }) }
  return browser.send(path, { method: 'POST', headers, body: JSON.stringify(body) })
}

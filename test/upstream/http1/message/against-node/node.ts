import { once } from 'node:events'
import { request } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** An answer as somebody has read it to its end. */
export interface Answered {
  readonly status: number
  /** Flat, names lower case. */
  readonly headers: readonly string[]
  readonly body: string
}

/** Has Node's own HTTP client read these bytes, behind which the connection ends; null where it finds no complete answer. */
export type AskNode = (bytes: Buffer, method: string) => Promise<Answered | null>

export async function startNode(t: Test): Promise<AskNode> {
  let next = Buffer.alloc(0)
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(next))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  return (bytes, method) => {
    next = Buffer.from(bytes)
    return ask(port, method)
  }
}

function ask(port: number, method: string): Promise<Answered | null> {
  return new Promise((resolve, reject) => {
    const none = (): void => {
      resolve(null)
    }
    // What the parser says, or that the end came too early. Anything else says nothing of the bytes.
    const onError = (error: NodeJS.ErrnoException): void => {
      if (/^(?:HPE_|ECONNRESET)/.test(error.code ?? '')) none()
      else reject(error)
    }
    // As strict as Node can be, with no shorter limit on heads than ours.
    const rules = { agent: false, insecureHTTPParser: false, maxHeaderSize: 1_000_000 }
    const asking = request({ host: '127.0.0.1', port, method, ...rules })
    asking.on('error', onError).on('close', none)
    asking.on('upgrade', (_response, socket) => {
      socket.destroy()
      none()
    })
    asking.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', onError)
      response.on('end', () => {
        const { statusCode = 0, rawHeaders, complete } = response
        if (!complete) return
        const headers = rawHeaders.map((item, index) =>
          index % 2 === 0 ? item.toLowerCase() : item,
        )
        resolve({ status: statusCode, headers, body: Buffer.concat(chunks).toString('latin1') })
      })
    })
    asking.end()
  })
}

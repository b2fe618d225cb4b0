import { request, type IncomingHttpHeaders } from 'node:http'
import { once } from 'node:events'
import { host } from '../../helper/gateway.ts'

export interface Sent {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly text: string
}

/** Sends a request whose path and headers nobody puts right; a flat list may name a header twice. */
export async function send(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>> | readonly string[] = {},
  method = 'GET',
): Promise<Sent> {
  const { hostname, port } = new URL(url)
  const given = Array.isArray(headers)
    ? (headers as readonly string[])
    : Object.entries(headers).flat()
  const names = given.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase())
  const all = names.includes('host') ? [...given] : ['host', host, ...given]
  const outgoing = request({ hostname, port, path, method, headers: all, agent: false })
  outgoing.end()
  const [response] = (await once(outgoing, 'response')) as [
    AsyncIterable<Buffer> & {
      statusCode: number
      headers: IncomingHttpHeaders
      rawHeaders: string[]
    },
  ]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return {
    status: response.statusCode,
    headers: response.headers,
    rawHeaders: response.rawHeaders,
    text: Buffer.concat(chunks).toString(),
  }
}

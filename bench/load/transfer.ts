import { once } from 'node:events'
import { Connection, mustSucceed, requestOf } from './connection.ts'
import type { Target } from './load.ts'

const megabyte = 1024 * 1024

/** Fetches a file once and says how fast it came, MB/s. Throws when it is not `bytes` long. */
export async function download({ url, headers }: Target, bytes: number): Promise<number> {
  const connection = await Connection.open(url, megabyte)
  const before = performance.now()
  const answer = await connection.send(requestOf(url, headers))
  const seconds = (performance.now() - before) / 1000
  connection.socket.destroy()
  mustSucceed(answer, url)
  if (answer.bytes !== bytes) throw new Error(`${url}: ${answer.bytes} bytes instead of ${bytes}`)
  return bytes / megabyte / seconds
}

/** Sends a body of `bytes` as fast as it is taken, and says how fast that was, answer included, MB/s. */
export async function upload({ url, headers }: Target, bytes: number): Promise<number> {
  const connection = await Connection.open(url)
  const { socket } = connection
  const head = requestOf(url, { ...headers, 'content-length': String(bytes) }, 'POST')
  const chunk = Buffer.alloc(256 * 1024)
  const before = performance.now()
  const answer = connection.send(head)
  // Heard below; it may fail while the body is still being written.
  answer.catch(() => undefined)
  for (let sent = 0; sent < bytes; sent += chunk.length) {
    const part = bytes - sent < chunk.length ? chunk.subarray(0, bytes - sent) : chunk
    if (!socket.write(part) && socket.writable) await Promise.race([once(socket, 'drain'), answer])
  }
  mustSucceed(await answer, url)
  const seconds = (performance.now() - before) / 1000
  socket.destroy()
  return bytes / megabyte / seconds
}

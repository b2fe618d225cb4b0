import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { residentBytes, startAlone } from '../../helper/process.ts'

const megabyte = 2 ** 20
const piece = Buffer.alloc(megabyte, 'x')
/** The first is for what a process only needs once. */
const sizes = [64 * megabyte, 64 * megabyte, 1024 * megabyte]
const allowed = 32 * megabyte

/** Sends so many bytes as fast as they are taken. */
function pour(socket: Socket, bytes: number): void {
  let left = bytes
  const more = (): void => {
    while (left > 0) {
      left -= piece.length
      if (!socket.write(piece)) return
    }
    socket.off('drain', more)
  }
  socket.on('drain', more)
  more()
}

/** Resolves once so many bytes have arrived after the head of a message. */
function count(socket: Socket, bytes: number): Promise<void> {
  return new Promise((resolve) => {
    let received = -1
    socket.on('data', (chunk: Buffer) => {
      const end = received === -1 ? chunk.indexOf('\r\n\r\n') : 0
      if (end === -1) return
      received = received === -1 ? chunk.length - end - 4 : received + chunk.length
      if (received >= bytes) resolve()
    })
  })
}

/** A FastAPI at the level of bytes: this process has enough to do. */
async function listen(t: Test, onHead: (socket: Socket, head: string) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    t.teardown(() => socket.destroy())
    socket.once('data', (bytes: Buffer) => {
      socket.unshift(bytes)
      onHead(socket, bytes.toString('latin1'))
    })
  }).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** How large the gateway is at most while something goes on. Bytes. */
async function sizeDuring(pid: number, work: () => Promise<unknown>): Promise<number> {
  let most = 0
  const look = (): void => {
    most = Math.max(most, residentBytes(pid))
  }
  const timer = setInterval(look, 10)
  await work()
  clearInterval(timer)
  look()
  return most
}

function isFlat(t: Test, [, little = 0, much = Infinity]: readonly number[]): void {
  t.ok(much - little < allowed, `${Math.round((much - little) / megabyte)} MB more`)
}

async function call(t: Test, url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

const routes =
  '  - { name: open, match: { path: /open/* }, upstream: api, auth: none, bodyLimit: 2GB }\n'

t.test('a gigabyte down takes no more memory than little', async (t) => {
  const upstream = await listen(t, (socket, head) => {
    const bytes = Number(/^GET \/open\/(\d+)/.exec(head)?.[1])
    socket
      .resume()
      .write(`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${bytes}\r\n\r\n`)
    pour(socket, bytes)
  })
  const gateway = await startAlone(t, upstream, routes)
  const taken: number[] = []
  for (const bytes of sizes) {
    const socket = await call(t, gateway.url)
    const work = async (): Promise<void> => {
      socket.write(`GET /open/${bytes} HTTP/1.1\r\nHost: app.test\r\n\r\n`)
      await count(socket, bytes)
    }
    taken.push(await sizeDuring(gateway.pid, work))
    socket.destroy()
  }
  isFlat(t, taken)
})

t.test('and so does a gigabyte up', async (t) => {
  const upstream = await listen(t, (socket, head) => {
    const bytes = Number(/^PUT \/open\/(\d+)/.exec(head)?.[1])
    void count(socket, bytes).then(() =>
      socket.end('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n'),
    )
  })
  const gateway = await startAlone(t, upstream, routes)
  const taken: number[] = []
  for (const bytes of sizes) {
    const socket = await call(t, gateway.url)
    const work = async (): Promise<void> => {
      socket.write(
        `PUT /open/${bytes} HTTP/1.1\r\nHost: app.test\r\nContent-Length: ${bytes}\r\n\r\n`,
      )
      pour(socket, bytes)
      const [answer] = (await once(socket, 'data')) as [Buffer]
      t.match(answer.toString(), /^HTTP\/1\.1 204 /)
    }
    taken.push(await sizeDuring(gateway.pid, work))
    socket.destroy()
  }
  isFlat(t, taken)
})

import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { ConnectionPool } from '../../../src/upstream/http1/pool.ts'
import type { AnswerHandler } from '../../../src/upstream/http1/port.ts'

/**
 * A process in which a handler fails in the callback that is named by the argument. It prints what that handler was told, and then what
 * the next request on the same pool was answered.
 */
const [, , moment = ''] = process.argv
const told: string[] = []
const note = (what: keyof AnswerHandler): void => {
  told.push(what)
  if (what !== moment) return
  // What is told in consequence comes soon.
  setTimeout(askAgain, 200)
  throw new RangeError('a bug of the handler')
}

const server = createServer((socket) => {
  socket.on('error', () => undefined)
  socket.once('data', () => {
    if (moment === 'onError') socket.destroy()
    else {
      const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
      // In one piece, so that it is always told in the same way.
      socket.write(moment === 'onQuiet' ? head : `${head}1\r\na\r\n1\r\nb\r\n0\r\n\r\n`)
    }
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo
const pool = new ConnectionPool({ origin: `http://127.0.0.1:${port}`, connectMs: 5000, tls: null })
const request = { method: 'GET', path: '/', headers: [], body: null, firstByteMs: 0, idleMs: 0 }
pool.send(request, {
  onHead: () => {
    note('onHead')
  },
  onQuiet: () => {
    note('onQuiet')
  },
  onData: () => {
    note('onData')
  },
  onEnd: () => {
    note('onEnd')
  },
  onError: () => {
    note('onError')
  },
})

function askAgain(): void {
  const end = (what: string): void => {
    process.stdout.write(`${told.join(' ')}, then ${what}`)
    process.exit(0)
  }
  pool.probe(request, {
    onHead: (status) => {
      end(String(status))
    },
    onQuiet: () => undefined,
    onData: () => undefined,
    onEnd: () => undefined,
    onError: ({ name }) => {
      end(name)
    },
  })
}

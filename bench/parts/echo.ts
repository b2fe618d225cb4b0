import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { createFrameReader, textFrame } from '../load/frames.ts'
import { serve } from './ready.ts'

// A WebSocket server that answers each text message with one of the same length, and costs as little as Node can.
const server = createServer((_request, response) => {
  response.writeHead(426, { 'content-length': 0 }).end()
})

server.on('upgrade', (request, socket) => {
  const key = request.headers['sec-websocket-key'] ?? ''
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  socket.on('error', () => undefined)
  socket.write(
    [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${accept.digest('base64')}`,
      '\r\n',
    ].join('\r\n'),
  )
  const answer = textFrame(false)
  const read = createFrameReader((opcode) => {
    if (opcode === 1) socket.write(answer)
    else if (opcode === 8) socket.end()
  })
  socket.on('data', read)
})

serve(server)

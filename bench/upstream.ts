import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

// The cheapest honest upstream: a 1 kB JSON answer, so that what is measured is the gateway.
const body = Buffer.from(JSON.stringify({ items: 'x'.repeat(1000) }))

const server = createServer((request, response) => {
  request.resume()
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(body)
})
server.keepAliveTimeout = 5000
server.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
})
process.on('disconnect', () => process.exit(0))

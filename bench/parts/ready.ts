import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Listens on a free port, tells the bench where, and ends with it. */
export function serve(server: Server, more: object = {}): void {
  server.keepAliveTimeout = 600_000
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    process.send?.({ url: `http://127.0.0.1:${port}`, ...more })
  })
  process.on('disconnect', () => process.exit(0))
}

import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** A port of 127.0.0.1 that is free now. Somebody may take it before it is used. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Whether `port` can be listened on at `host`: `free`, or the error code that says why not. */
export async function probePort(host: string, port: number): Promise<string> {
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
    server.close()
    await once(server, 'close')
    return 'free'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  }
}

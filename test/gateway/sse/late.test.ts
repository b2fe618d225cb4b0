import type { ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { startBackend, type Backend } from '../../helper/backend.ts'
import { origin, signUp, startGateway } from '../../helper/gateway.ts'
import { dial } from '../hostile/wire.ts'
import { bodyOf, until } from './fastapi.ts'

/** A FastAPI that thinks before it opens a stream. */
async function startThinking(t: Test): Promise<{ backend: Backend; open: () => void }> {
  let thinking: ServerResponse | undefined
  const backend = await startBackend(t, (_request, response) => (thinking = response))
  const open = (): void => {
    thinking?.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
  }
  return { backend, open }
}

t.test('a session that ended while FastAPI was thinking opens no stream', async (t) => {
  const { backend, open } = await startThinking(t)
  const gateway = await startGateway(t, { upstream: backend.url })
  const { cookie } = await signUp(gateway)
  const wire = await dial(t, gateway.url)
  wire.send(`GET /api/events HTTP/1.1\r\nHost: app.test\r\nCookie: ${cookie}\r\n\r\n`)
  await until(() => backend.seen.length === 1)
  const headers = { cookie, origin, 'content-type': 'application/json' }
  await gateway.request('/api/auth/sign-out', { method: 'POST', headers, body: '{}' })
  open()
  const text = await wire.until(/\}$/)
  t.match(text, /^HTTP\/1\.1 401 [^]*"code":"session_revoked"/)
  t.notMatch(text, /data: 1/)
  await until(() => backend.aborted() === 1)
})

t.test('a stream that opens while the gateway is going is told to come back', async (t) => {
  const { backend, open } = await startThinking(t)
  const gateway = await startGateway(t, { upstream: backend.url, shutdown: 'grace: 5s' })
  const wire = await dial(t, gateway.url)
  wire.send('GET /open/events HTTP/1.1\r\nHost: app.test\r\n\r\n')
  await until(() => backend.seen.length === 1)
  const closed = gateway.gateway.close()
  await new Promise((resolve) => setTimeout(resolve, 50))
  open()
  const text = await wire.ended
  t.match(
    bodyOf(text),
    /^(?:data: 1\n\n)?retry: \d+\nevent: sallyport\ndata: \{.*"code":"shutting_down".*\}\n\n$/,
  )
  t.match(text, /\r\n0\r\n\r\n$/)
  await closed
})

import t from 'tap'
import { startRawBackend } from '../../helper/backend.ts'
import { startGateway } from '../../helper/gateway.ts'

/**
 * What went wrong: FastAPI's process dies in the middle of an answer that has neither a length nor chunks. The reset was taken for the end of the answer, and the client got
 * half of it, looking complete.
 */
t.test('an answer without a length that is reset does not look complete', async (t) => {
  const upstream = await startRawBackend(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf')
    setTimeout(() => socket.resetAndDestroy(), 50)
  })
  const gateway = await startGateway(t, { upstream })
  const text = await gateway.raw('GET /open/x HTTP/1.1\r\nHost: app.test\r\n\r\n')
  t.match(text, /half\r\n$/, 'the last chunk is missing')
})

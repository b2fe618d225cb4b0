import t from 'tap'
import { startBackend } from '../helper/backend.ts'
import { origin, signUp, startGateway } from '../helper/gateway.ts'

/**
 * The attack: ask for an event stream whose first byte FastAPI takes a while to send, and sign out, or be signed out, meanwhile. The
 * request has been admitted, and the stream is not yet on the list of what a revocation ends: it would live on to the day on
 * which the session would have expired.
 */
t.test('a stream that begins after its session was revoked is refused', async (t) => {
  let begin = (): void => undefined
  const backend = await startBackend(t, (_request, response) => {
    begin = () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: secret\n\n')
    }
  })
  const gateway = await startGateway(t, { upstream: backend.url })
  const { cookie } = await signUp(gateway)
  const stream = gateway.request('/api/feed', { headers: { cookie } })
  while (backend.seen.length === 0) await new Promise(setImmediate)
  const signedOut = await gateway.request('/api/auth/sign-out', {
    method: 'POST',
    headers: { cookie, origin, 'content-type': 'application/json' },
    body: '{}',
  })
  t.equal(signedOut.status, 200)
  begin()
  const reply = await stream
  t.match(reply.json(), { code: 'session_revoked', status: 401 })
  t.notMatch(reply.text, /secret/)
  while (backend.aborted() === 0) await new Promise((resolve) => setTimeout(resolve, 5))
})

import t from 'tap'
import { createSink, upload } from '../proxy/uploading.ts'

// The attack: a client begins an upload, FastAPI answers without reading it (401, 413, 422), and whoever sent the body lets go of
// it and takes its error listener along. Then the client resets its connection. The reset reached a stream to whose errors nobody
// listened any more, which ends a Node process: one request of one anonymous client.
t.test(
  'a reset after an early answer reaches a body that nobody listens to, and ends nothing',
  async (t) => {
    const { request, body, client } = await upload(t)
    const sink = createSink()
    body.sendTo(sink)
    body.stop(false)
    const errors: unknown[] = []
    request.on('error', (error) => errors.push(error))
    const closed = new Promise((resolve) => request.once('close', resolve))
    client.resetAndDestroy()
    await closed
    t.match(errors, [{ code: 'ECONNRESET' }], 'there was an error to be heard')
    t.ok(request.listenerCount('error') > 1, 'and it was heard without the test')
    const nothing = Promise.resolve('nothing')
    t.equal(await Promise.race([sink.over, nothing]), 'nothing', 'FastAPI is not told')
  },
)

import { once } from 'node:events'
import t from 'tap'
import { BodyTooSlow, toRefusal } from '../../src/proxy/failure.ts'
import { watchPace } from '../../src/proxy/pace.ts'
import { createSink, upload } from './uploading.ts'

const pace = { bytes: 100, windowMs: 50 }

t.test('a body that trickles is given up, in our words', async (t) => {
  const { body } = await upload(t, pace)
  const sink = createSink()
  body.sendTo(sink)
  const error = await sink.over
  if (!(error instanceof BodyTooSlow)) throw new Error(`not too slow: ${String(error)}`)
  t.match(toRefusal(error), {
    code: 'request_malformed',
    detail: /too slowly/,
    headers: { connection: 'close' },
  })
})

t.test('a body that nobody wants any more and that trickles ends its connection', async (t) => {
  const { body, client } = await upload(t, pace)
  body.sendTo(createSink())
  // The answer has come before the upload has ended.
  body.stop(false)
  const trickle = setInterval(() => client.write('x'), 10)
  await once(client, 'close')
  clearInterval(trickle)
})

t.test('a body that keeps the pace arrives, however long it takes', async (t) => {
  const { body, client } = await upload(t, pace)
  const sink = createSink()
  body.sendTo(sink)
  const sender = setInterval(() => client.write('x'.repeat(1111)), 20)
  t.equal(await sink.over, null)
  clearInterval(sender)
  t.equal(sink.received(), 10_000)
})

t.test('time in which we do not read is not held against the client', async (t) => {
  const { request } = await upload(t, pace)
  let isSlow = false
  watchPace(request, () => (isSlow = true), pace)
  for (let window = 0; window < 4; window += 1) {
    await new Promise((resolve) => setTimeout(resolve, pace.windowMs))
  }
  t.notOk(isSlow)
})

t.test('nor is a pause that ends just before the window does', async (t) => {
  const { request, body } = await upload(t, pace)
  body.sendTo(createSink())
  let isSlow = false
  watchPace(request, () => (isSlow = true), pace)
  for (let window = 0; window < 4; window += 1) {
    request.pause()
    await new Promise((resolve) => setTimeout(resolve, pace.windowMs - 10))
    request.resume()
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  t.notOk(isSlow)
})

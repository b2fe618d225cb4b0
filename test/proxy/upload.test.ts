import t from 'tap'
import { ClientGone } from '../../src/proxy/failure.ts'
import { createSink, upload } from './uploading.ts'

t.test('a body that breaks off says that its client has left, not that FastAPI has', async (t) => {
  for (const leave of ['destroy', 'resetAndDestroy', 'end'] as const) {
    const { body, client } = await upload(t)
    const sink = createSink()
    body.sendTo(sink)
    client[leave]()
    t.ok((await sink.over) instanceof ClientGone, leave)
  }
})

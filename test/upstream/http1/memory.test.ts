import t from 'tap'
import { release } from '../../../src/upstream/http1/memory.ts'

t.test('memory is given back at once', async (t) => {
  const bytes = Buffer.alloc(65_536, 'x')
  release(bytes)
  t.equal(bytes.length, 0)
  release(bytes)
  t.pass('which may be said twice')
})

t.test('memory that others have a part of is left alone', async (t) => {
  const whole = Buffer.from('ours and theirs')
  const part = whole.subarray(0, 4)
  release(part)
  t.equal(whole.toString(), 'ours and theirs')
  const shared = Buffer.from(new SharedArrayBuffer(8))
  release(shared)
  t.equal(shared.length, 8)
})

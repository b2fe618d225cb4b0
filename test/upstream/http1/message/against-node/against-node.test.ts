import fc from 'fast-check'
import t from 'tap'
import { byteByByte, readAnswer } from '../reading.ts'
import { changed, methods, written } from './answers.ts'
import { startNode, type Answered } from './node.ts'

interface Accepted {
  readonly answer: Answered
  /** Without what comes behind the answer. */
  readonly bytes: Buffer
}

/** What we make of bytes behind which the connection ends; null where there is no complete answer. */
function ask(text: string, method: string): Accepted | null {
  const bytes = Buffer.from(text, 'latin1')
  const { reading, heard, pieces, reader } = readAnswer(byteByByte(bytes), method)
  const isComplete = reading === 'complete' || (reading === 'more' && reader.end())
  const { status } = heard
  if (!isComplete || status === null) return null
  return { answer: { ...heard, status }, bytes: bytes.subarray(0, pieces) }
}

// Where two readers of the same bytes differ, one of them can be made to take a part of an answer for another one. So whatever we
// accept, the strict parser of Node accepts too, and finds the same in it; what it refuses, we refuse.
t.test('what we take for an answer is the same answer to Node', async (t) => {
  const askNode = await startNode(t)
  let [accepted, refused] = [0, 0]
  const agree = async (text: string, method: string): Promise<void> => {
    const ours = ask(text, method)
    if (ours === null) {
      refused += 1
      return
    }
    accepted += 1
    const node = await askNode(ours.bytes, method)
    if (JSON.stringify(node) !== JSON.stringify(ours.answer)) {
      throw new Error(`Node: ${JSON.stringify(node)}, we: ${JSON.stringify(ours.answer)}`)
    }
  }
  await fc.assert(fc.asyncProperty(written, methods, agree), { numRuns: 400 })
  t.ok(accepted > 100, `${accepted} of 400 were accepted`)
  refused = 0
  await fc.assert(fc.asyncProperty(changed, methods, agree), { numRuns: 2000 })
  t.ok(refused > 500, `${refused} of 2000 were refused`)
})

import t from 'tap'
import { accessLog } from '../../../src/ops/access/log.ts'
import type { AccessRecord } from '../../../src/ops/access/record.ts'

const record = { requestId: 'request-1', route: 'api', status: 200 } as AccessRecord

t.test('a logger gets a line for a request, unless nobody would see it', async (t) => {
  const lines: object[] = []
  let level = 'info'
  const writer = {
    info: (line: object) => lines.push(line),
    isLevelEnabled: (asked: string) => asked === level,
  }
  const listener = accessLog(writer, () => ({ except: [] }))
  listener(record)
  t.match(lines, [{ requestId: 'request-1', route: 'api', status: 200 }])
  level = 'warn'
  listener(record)
  t.equal(lines.length, 1, 'and none is made')
})

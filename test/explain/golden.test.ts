import t from 'tap'
import { outputOf, readCases } from './cases.ts'

for (const { file, args, code, out } of readCases()) {
  t.test(`${file}: ${args.join(' ')}`, async (t) => {
    const actual = await outputOf(args)
    t.equal(actual.out, out)
    t.equal(actual.code, code)
  })
}

t.test('there are cases for both commands and all formats', async (t) => {
  const lines = readCases().map(({ args }) => args.join(' '))
  for (const part of ['explain', '--json', 'test', '--format tap', '--format junit']) {
    t.ok(
      lines.some((line) => line.includes(part)),
      part,
    )
  }
})

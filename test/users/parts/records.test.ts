import t from 'tap'
import { readRecords, type CsvRecord } from '../../../src/users/source/records.ts'

async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}

async function read(text: string, size = text.length || 1): Promise<CsvRecord[]> {
  const records: CsvRecord[] = []
  for await (const record of readRecords(inPieces(text, size))) records.push(record)
  return records
}

async function fieldsOf(text: string, size?: number): Promise<(readonly string[])[]> {
  return (await read(text, size)).map(({ fields }) => fields)
}

t.test('fields are read as RFC 4180 has them', async (t) => {
  const cases: readonly [string, readonly (readonly string[])[]][] = [
    ['', []],
    ['a', [['a']]],
    [
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a,b\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [',\n', [['', '']]],
    [
      'a,\n,b\n',
      [
        ['a', ''],
        ['', 'b'],
      ],
    ],
    ['"a","b"\r\n', [['a', 'b']]],
    ['""\n', [['']]],
    ['"a,b","c\nd","e\r\nf"\n', [['a,b', 'c\nd', 'e\r\nf']]],
    ['"a ""b"" c",""""\n', [['a "b" c', '"']]],
    [' a , b \n', [[' a ', ' b ']]],
    ['a\n\n\r\nb\n', [['a'], ['b']]],
    ['a\rb,c\r', [['a\rb', 'c\r']]],
    ['"a"\r\n"b"', [['a'], ['b']]],
  ]
  for (const [text, expected] of cases) {
    for (const size of [1, 2, 3, 7, text.length || 1]) {
      t.strictSame(await fieldsOf(text, size), expected, `${JSON.stringify(text)} by ${size}`)
    }
  }
})

t.test('a record knows the line on which it begins', async (t) => {
  const text = 'id\n"a\nb\r\nc",1\n\nd\n'
  for (const size of [1, 4, text.length]) {
    t.strictSame(
      (await read(text, size)).map(({ line }) => line),
      [1, 2, 6],
    )
  }
})

t.test('quotes that are nowhere allowed are told, and concern no other record', async (t) => {
  const malformed = ['a"b"\n', 'a"\n', '"a"b\n', '"a" ,b\n', 'a,b"c\n', '"a"\r"b"\n']
  for (const text of malformed) {
    for (const size of [1, text.length]) {
      const [first, wrong, last] = await read(`x\n${text}y\n`, size)
      t.match(wrong, { isMalformed: true, line: 2 }, JSON.stringify(text))
      t.match([first, last], [{ isMalformed: false }, { isMalformed: false, fields: ['y'] }])
    }
  }
})

t.test('a quote that nobody closes ends the reading, with its line', async (t) => {
  for (const text of ['a\n"b\nc\nd\n', 'a\n"b', 'a\n"b""', `a\nb,"${'x\n'.repeat(600_000)}`]) {
    await t.rejects(read(text, 65_536), { message: /line 2: a quote is opened here/ })
  }
  t.equal((await read(`a\n"${'x'.repeat(1_000_000)}"\n`, 65_536)).length, 2)
})

t.test('what was written by the rules is read back, however it comes in pieces', async (t) => {
  const characters = ['a', 'ö', '🔋', ',', '"', '\r', '\n', '\r\n', ' ', '']
  let state = 7
  const random = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
  const pick = (): string => characters[random(characters.length)] ?? ''
  for (let nth = 0; nth < 300; nth += 1) {
    const rows = Array.from({ length: 1 + random(4) }, () =>
      Array.from({ length: 2 + random(3) }, () => Array.from({ length: random(6) }, pick).join('')),
    )
    const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`
    const text = rows.map((row) => row.map(quoted).join(',')).join('\r\n')
    t.strictSame(await fieldsOf(text, 1 + random(5)), rows)
  }
})

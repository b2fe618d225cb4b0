import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { ConfigError, formatProblem } from '../../src/config/problem.ts'
import { base, parse, secrets } from './gateway-file.ts'

const folder = new URL('./cases/', import.meta.url)
const texts = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'))
const canary = 'c4naryQ7vT2xW9kZ5nB8mR1jL6hG3fD0s'

/** One of the golden files with a piece cut out and another text in its place. */
const mutated = fc
  .record({
    text: fc.constantFrom(...texts, base),
    start: fc.nat(2000),
    length: fc.nat(40),
    piece: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom(
        '${SECRET}',
        ' &a ',
        ' *a ',
        '- ',
        ': ',
        '{',
        '[',
        '"',
        '\n',
        '\t',
        '__proto__',
      ),
    ),
  })
  .map(
    ({ text, start, length, piece }) => text.slice(0, start) + piece + text.slice(start + length),
  )

t.test('whatever the text is, loading gives a configuration or a ConfigError', async (t) => {
  const load = (text: string) => {
    const read = (path: string) => (path.endsWith('.env') ? '' : text)
    try {
      loadConfig({ file: 'gateway.config.yaml', env: { ...secrets, SECRET: canary }, read })
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      if (error.problems.length === 0)
        throw new Error('a refusal without a reason', { cause: error })
    }
  }
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), load), { numRuns: 300 })
  fc.assert(fc.property(mutated, load), { numRuns: 500 })
  for (const deep of ['[', '{a: ', '- ', '? ']) load(deep.repeat(20_000))
  load(`a: ${'x'.repeat(2_000_000)}`)
  t.pass('nothing else was thrown')
})

t.test('a value of the environment never appears in a message', async (t) => {
  const env = {
    BETTER_AUTH_SECRET: canary,
    JWT_SECRET: canary,
    SECRET: canary,
    DATABASE_URL: canary,
  }
  const isSilent = (text: string) =>
    parse(text, env).problems.every((problem) => !formatProblem(problem).includes(canary))
  fc.assert(fc.property(mutated, isSilent), { numRuns: 300 })
  const scalar = /(: |- |\[|, )[\w./:'"-]+/g
  for (const text of texts) {
    const everywhere = text.replaceAll(scalar, (_, before: string) => `${before}"\${SECRET}"`)
    t.ok(isSilent(everywhere))
  }
})

t.test('prototypes cannot be reached through keys', async (t) => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
  for (const name of names) {
    for (const text of [
      `${name}: { polluted: true }\n${base}`,
      `auth: { ${name}: { polluted: true } }\n${base}`,
      base.replace('upstream: api', `upstream: ${name}`),
    ]) {
      t.equal(parse(text).config, null, text)
    }
  }
  t.notHas({}, { polluted: true })
})

t.test('a long file of routes is parsed in a reasonable time', async (t) => {
  const routes = Array.from(
    { length: 1000 },
    (_, index) => `  - { match: { path: /r${String(index)}/* }, upstream: api }`,
  )
  const text = `upstreams: { api: 'http://a' }\nroutes:\n${routes.join('\n')}\n`
  const started = performance.now()
  t.equal(parse(text).config?.routes.length, 1000)
  t.ok(performance.now() - started < 5000)
})

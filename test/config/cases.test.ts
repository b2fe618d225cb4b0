// Golden cases: a configuration, a divider, and what becomes of it, as comments so that the file itself stays YAML.
// `# env: NAME=value` sets a variable, `# unset: NAME` removes one of the two secrets that are there otherwise.
// What is expected is part of the resolved configuration (JSON) or the list of messages.
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { messagesOf, parse, secrets } from './gateway-file.ts'

const folder = new URL('./cases/', import.meta.url)
const divider = '# ---8<---\n'
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))

function readCase(file: string) {
  const [input = '', expected = ''] = readFileSync(new URL(file, folder), 'utf8').split(divider)
  const env: Record<string, string | undefined> = { ...secrets }
  for (const [, name = '', value] of input.matchAll(/^# env: (\w+)=(.*)$/gm)) env[name] = value
  for (const [, name = ''] of input.matchAll(/^# unset: (\w+)$/gm)) env[name] = undefined
  const lines = expected.split('\n').map((line) => line.replace(/^# /, ''))
  return { input, env, expected: lines.join('\n').trim() }
}

for (const file of files) {
  t.test(`case ${file} resolves as written below its divider`, async (t) => {
    const { input, env, expected } = readCase(file)
    const parsed = parse(input, env)
    if (expected.startsWith('{')) {
      t.strictSame(messagesOf(parsed, 'error'), [])
      t.hasStrict(parsed.config, JSON.parse(expected))
      return
    }
    t.not(expected, '', 'the case says what it expects')
    const isAboutWarnings = expected.includes(' warning: ')
    const messages = messagesOf(parsed, isAboutWarnings ? undefined : 'error')
    t.strictSame(messages, expected.split('\n'))
    t.equal(parsed.config === null, messagesOf(parsed, 'error').length > 0)
  })
}

t.test('every broken file has exactly one message, whatever the environment', async (t) => {
  const broken = files.filter((name) => name.startsWith('broken-'))
  t.ok(broken.length >= 10)
  for (const file of broken) {
    const { input } = readCase(file)
    t.equal(messagesOf(parse(input, {})).length, 1, file)
  }
})

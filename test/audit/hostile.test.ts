import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startAudited, ask, newPerson, password, reader, linesOf, assertValid } from './stage.ts'
import { cleanText, toAddress } from '../../src/ops/audit/text.ts'
import { acts } from './acts/all.ts'

t.test('what a hostile client sends ends no line and adds no field', async (t) => {
  const gateway = await startAudited(t, { yaml: 'audit: { file: ./audit.jsonl }' })
  const forged = '{"log":"audit","event":"sign_in","outcome":"success"}'
  const emails = [
    `a@b.co\n${forged}`,
    `"}\r\n${forged}\u2028@example.com`,
    '\u202egro.elpmaxe@ada',
    `${'a'.repeat(60_000)}@example.com`,
    { $gt: '' },
    ['ada@example.com'],
    '__proto__@example.com',
  ]
  for (const email of emails) {
    await ask(gateway, '/sign-in/email', {
      body: { email, password, outcome: 'success', actor: 'operator', reason: null },
      headers: { 'user-agent': `x\u009b31m ${'y'.repeat(3000)} ${forged}` },
    })
  }
  await gateway.gateway.close()
  const lines = linesOf(join(gateway.folder, 'audit.jsonl'))
  assertValid(t, lines)
  const attempts = lines.filter(({ event }) => event === 'sign_in')
  t.equal(attempts.length, emails.length)
  for (const line of attempts) {
    t.match(line, { outcome: 'failure', actor: 'unknown', via: 'request' })
    t.ok(String(line['userAgent']).length <= 256)
  }
  const text = readFileSync(join(gateway.folder, 'audit.jsonl'), 'utf8')
  t.notMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/)
  t.strictSame(
    attempts.map(({ email }) => email).filter((email) => email !== null),
    ['__proto__@example.com'],
  )
})

t.test(
  'each guess is said and counted, and none says whether there is such an account',
  async (t) => {
    const gateway = await startAudited(t)
    const read = reader(t, gateway)
    const { email } = await newPerson(gateway)
    read()
    const address = '198.51.100.7'
    for (let count = 0; count < 8; count += 1) {
      const body = {
        email: count % 2 === 0 ? email : 'nobody@example.com',
        password: `guess ${count}`,
      }
      await ask(gateway, '/sign-in/email', { body, address })
    }
    const lines = read()
    t.equal(lines.length, 8)
    t.strictSame(
      [...new Set(lines.map(({ reason }) => reason))],
      ['credentials_wrong', 'rate_limited'],
    )
    const unlike = new Set(['id', 'at', 'time', 'email', 'requestId', 'reason'])
    const rest = lines.map((line) => Object.entries(line).filter(([name]) => !unlike.has(name)))
    for (const each of rest) t.strictSame(each, rest[0])
    const metrics = await (await fetch(`${String(gateway.adminUrl)}/metrics`)).text()
    t.match(metrics, /sallyport_audit_events_total\{event="sign_in",outcome="failure"\} 8\n/)
    t.match(metrics, /sallyport_audit_events_total\{event="sign_in",outcome="success"\} 1\n/)
  },
)

t.test('nothing that opens anything is in the log', async (t) => {
  const gateway = await startAudited(t)
  const secrets = new Set<string>([password, 'another horse 42', 'MARKER'])
  for (const { before, act } of acts) {
    const person = await newPerson(gateway)
    const prepared = (await before?.(gateway, person)) as never
    const reply = await act(gateway, person, prepared)
    for (const pair of [...person.cookie.split('; '), ...reply.cookie.split('; ')]) {
      const value = decodeURIComponent(pair.split(/=(.*)/s)[1] ?? '')
      if (value.length > 12) secrets.add(value).add(value.split('.')[0] ?? value)
    }
    const known = typeof prepared === 'string' ? prepared : JSON.stringify([prepared])
    for (const [secret] of known.matchAll(/[A-Za-z0-9_-]{16,}/g)) secrets.add(secret)
  }
  const mails = readFileSync(join(gateway.folder, 'mails.jsonl'), 'utf8')
  for (const [, token = ''] of mails.matchAll(/(?:token=|reset-password\/)([^"&?]+)/g))
    secrets.add(token)
  for (const [, code = ''] of mails.matchAll(/"text":"(\d{6})"/g)) secrets.add(code)
  const said = JSON.stringify(gateway.log.filter((line) => line['log'] === 'audit'))
  t.ok(secrets.size > 100)
  for (const secret of secrets) {
    const isId = /^[0-9a-f]{8}-[0-9a-f]{4}-/.test(secret)
    if (!isId && secret.length > 6) t.notOk(said.includes(secret), `${secret.slice(0, 6)}… is said`)
  }
})

t.test('a password in the place of the address is not kept', async (t) => {
  for (const typed of [
    'hunter2',
    'p@ss word',
    'a@b',
    'ä@example.com',
    'x'.repeat(300),
    '@example.com',
  ])
    t.equal(toAddress(typed), null, typed)
  t.equal(toAddress(' Ada@Example.COM '), 'ada@example.com')
  t.equal(cleanText('a\u0000\u001b[31m\u2029\ud800b', 7), 'a\ufffd\ufffd[31m')
})

import { existsSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { assertValid, ask, brief, linesOf, newPerson, startAudited } from './stage.ts'

const yaml = 'audit: { file: ./logs/audit.jsonl }'

/** Lines are written a moment after they were said. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(5)
}

t.test('lines are appended to a file that only its owner reads, and to no log', async (t) => {
  const gateway = await startAudited(t, { yaml })
  const file = join(gateway.folder, 'logs/audit.jsonl')
  await newPerson(gateway)
  await gateway.gateway.close()
  const lines = linesOf(file)
  assertValid(t, lines)
  t.strictSame(lines.map(brief), [
    'gateway.started success',
    'sign_up success password',
    'sign_in success password',
    'gateway.stopped success',
  ])
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.notOk(gateway.log.some((line) => line['log'] === 'audit'))
  t.equal(new Set(lines.map(({ id }) => id)).size, 4)
})

t.test('a file that others could read is closed to them', async (t) => {
  const gateway = await startAudited(t, {
    yaml: 'audit: { file: ./auth.ts.log }',
    files: { 'auth.ts.log': '', 'auth.ts': 'export default {}' },
  })
  t.equal(statSync(join(gateway.folder, 'auth.ts.log')).mode & 0o777, 0o600)
})

t.test('after a rotation, lines go to a new file', async (t) => {
  const gateway = await startAudited(t, { yaml })
  const file = join(gateway.folder, 'logs/audit.jsonl')
  await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '')
  renameSync(file, `${file}.1`)
  await ask(gateway, '/sign-in/email', { body: { email: 'one@example.com', password: 'x' } })
  await until(() => linesOf(`${file}.1`).length === 2)
  t.notOk(existsSync(file), 'the old file is still the one')
  gateway.gateway.audit.reopen()
  await ask(gateway, '/sign-in/email', { body: { email: 'two@example.com', password: 'x' } })
  await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '')
  t.strictSame(
    linesOf(file).map(({ email }) => email),
    ['two@example.com'],
  )
  t.equal(linesOf(`${file}.1`).length, 2)
})

t.test('what a full disk does not take is in the log of the process, and counted', async (t) => {
  const gateway = await startAudited(t, { yaml: 'audit: { file: /dev/full }' })
  const reply = await ask(gateway, '/sign-in/email', {
    body: { email: 'ada@example.com', password: 'x' },
  })
  t.equal(reply.status, 401, 'nobody waits for it, or is refused')
  const lost = () => gateway.log.filter(({ msg }) => /audit event could not be/.test(String(msg)))
  await until(() => lost().length === 2)
  t.match(lost()[1], {
    level: 50,
    reason: 'ENOSPC',
    audit: { event: 'sign_in', email: 'ada@example.com' },
  })
  const metrics = await (await fetch(`${String(gateway.adminUrl)}/metrics`)).text()
  t.match(metrics, /sallyport_audit_lost_total 2\n/)
})

t.test('a file that cannot be written stops the start', async (t) => {
  const wanted = { message: /^audit\.file: cannot append to .*: (?:EISDIR|ENOTDIR|EEXIST)$/ }
  await t.rejects(startAudited(t, { yaml: 'audit: { file: . }' }), wanted)
  const files = { 'a-file': 'x', 'auth.ts': 'export default {}' }
  await t.rejects(startAudited(t, { yaml: 'audit: { file: ./a-file/audit.jsonl }', files }), wanted)
})

t.test('`none` says nothing, and still counts', async (t) => {
  const gateway = await startAudited(t, { yaml: 'audit: none' })
  await newPerson(gateway)
  t.notOk(gateway.log.some((line) => line['log'] === 'audit'))
  const metrics = await (await fetch(`${String(gateway.adminUrl)}/metrics`)).text()
  t.match(metrics, /sallyport_audit_events_total\{event="sign_up",outcome="success"\} 1\n/)
})

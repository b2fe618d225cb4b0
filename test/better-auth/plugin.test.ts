import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { SecondaryStorage } from 'better-auth'
import t from 'tap'
import { sallyport } from '../../src/better-auth/index.ts'
import { watchStorage } from '../../src/better-auth/storage.ts'

const secret = 'Xh5Rw8Nc2Vt6Lz1Kq9Mb4Jd7Gf3Ps0Ya'

t.test('a secret that is too short, and what is no gateway, are refused at once', async (t) => {
  t.throws(() => sallyport({ gateways: ['http://gateway'], secret: 'short' }), /32 bytes/)
  t.throws(() => sallyport({ gateways: ['http://gateway'], secret: undefined }), /32 bytes/)
  for (const gateway of ['gateway:8080', 'ftp://gateway', '', 'http://']) {
    t.throws(() => sallyport({ gateways: [gateway], secret }), /http:\/\/gateway:8080/, gateway)
  }
  t.doesNotThrow(() => sallyport({ gateways: [], secret: undefined }), 'in a build')
})

/** What a file of ours needs at run time, by whatever detour. */
function needs(file: string, seen = new Set<string>()): ReadonlySet<string> {
  const text = readFileSync(file, 'utf8')
  for (const [, type, to = ''] of text.matchAll(
    /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm,
  )) {
    if (type !== undefined) continue
    const next = to.startsWith('.') ? join(dirname(file), to) : to
    if (seen.has(next)) continue
    seen.add(next)
    if (to.startsWith('.')) needs(next, seen)
  }
  return seen
}

t.test('it brings nothing into an application but what Node 20 has', async (t) => {
  const entry = join(import.meta.dirname, '../../src/better-auth/index.ts')
  const packages = [...needs(entry)].filter((each) => !each.startsWith('/'))
  t.strictSame(packages.sort(), ['node:crypto'])
  const text = [...needs(entry)]
    .filter((each) => each.startsWith('/'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
  t.notMatch(
    text,
    /\bwithResolvers\b|import\.meta\.dirname|\bhash\b.*from 'node:crypto'|Promise\.try/,
  )
})

/** A storage and what is heard of it. */
function storage() {
  const kept = new Map<string, string>()
  const heard: object[] = []
  const given: SecondaryStorage = {
    get: (key) => Promise.resolve(kept.get(key) ?? null),
    set: (key, value) => {
      kept.set(key, value)
      return Promise.resolve()
    },
    delete: (key) => {
      kept.delete(key)
      return Promise.resolve()
    },
    getAndDelete: () => Promise.resolve(null),
    increment: () => Promise.resolve(1),
  }
  const listener = {
    sessionRevoked: (event: object) => heard.push({ what: 'session', ...event }),
    userRevoked: (event: object) => heard.push({ what: 'user', ...event }),
  }
  watchStorage(given, listener)
  return { given, heard, kept, listener }
}

t.test('a session that leaves secondary storage is told of, once it has left', async (t) => {
  const { given, heard, kept, listener } = storage()
  const row = { session: { id: 's1', userId: 'u1', token: 'token' }, user: { id: 'u1' } }
  await given.set('token', JSON.stringify(row), 60)
  t.strictSame(heard, [])
  watchStorage(given, listener)
  await given.delete('token')
  t.strictSame(heard, [{ what: 'session', sessionId: 's1', userId: 'u1', token: 'token' }])
  t.equal(kept.size, 0)
  await given.delete('token')
  t.equal(heard.length, 1, 'it was gone already')
})

t.test('the mark of a user whose sessions are void is told of', async (t) => {
  const { given, heard } = storage()
  await given.set('revoked-sessions-before-u1', '1800000000000', 60)
  t.strictSame(heard, [{ what: 'user', userId: 'u1' }])
})

t.test('what else is kept there concerns nobody', async (t) => {
  const { given, heard } = storage()
  const row = JSON.stringify({ session: { id: 's1', userId: 'u1' } })
  for (const key of ['active-sessions-u1', 'verification:x', '1.2.3.4|/sign-in/email']) {
    await given.set(key, row)
    await given.delete(key)
  }
  for (const value of ['', 'x', '3', 'null', '[]', '{"session":{}}', '{"session":{"id":1}}']) {
    await given.set('token', value)
    await given.delete('token')
  }
  t.strictSame(heard, [])
})

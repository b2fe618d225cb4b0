import { hashPassword, verifyPassword } from 'better-auth/crypto'
import t from 'tap'
import { deriveKey, type KeyInput } from '../../../../src/session/embedded/hashes/recipe.ts'
import { createScryptHasher } from '../../../../src/session/embedded/limits/scrypt.ts'

const { hash, verify } = createScryptHasher((input) => Promise.resolve(deriveKey(input)))

const passwords = [
  'correct horse battery',
  '',
  'pässwörd',
  'パスワード',
  '🐎🔋📎',
  'with\0nul and \ud800 half a character',
  'x'.repeat(10_000),
]

t.test("Better Auth verifies our hashes, and we verify Better Auth's", async (t) => {
  for (const password of passwords) {
    const [ours, theirs] = await Promise.all([hash(password), hashPassword(password)])
    const other = `${password}x`
    t.equal(await verifyPassword({ hash: ours, password }), true, password)
    t.equal(await verify({ hash: theirs, password }), true, password)
    t.equal(await verifyPassword({ hash: ours, password: other }), false, other)
    t.equal(await verify({ hash: theirs, password: other }), false, other)
  }
})

t.test('one and the same password in another spelling verifies, here and there', async (t) => {
  const pairs = [
    ['e\u0301t\u00e9', '\u00e9te\u0301'],
    ['\ufb01le', 'file'],
    ['\uff11\uff12', '12'],
  ] as const
  for (const [one, other] of pairs) {
    t.equal(await verify({ hash: await hashPassword(one), password: other }), true, other)
    t.equal(await verifyPassword({ hash: await hash(one), password: other }), true, other)
  }
})

t.test('hashes have the form of Better Auth, and a salt of their own', async (t) => {
  const [first, second] = await Promise.all([hash('a'), hash('a')])
  for (const each of [first, second, await hashPassword('a')]) {
    t.match(each, /^[\da-f]{32}:[\da-f]{128}$/)
  }
  t.not(first.slice(0, 32), second.slice(0, 32))
})

t.test('what is no hash is refused as Better Auth refuses it', async (t) => {
  const good = await hash('a')
  const [salt = '', key = ''] = good.split(':')
  for (const stored of ['', 'x', ':', `${salt}:`, `:${key}`, salt]) {
    const message = 'Invalid password hash'
    await t.rejects(verify({ hash: stored, password: 'a' }), { message }, stored)
    await t.rejects(verifyPassword({ hash: stored, password: 'a' }), { message }, stored)
  }
  for (const stored of [`${salt}:${key.slice(2)}`, `${salt}:${key.toUpperCase()}`, `x${good}`]) {
    t.equal(await verify({ hash: stored, password: 'a' }), false, stored)
    t.equal(await verifyPassword({ hash: stored, password: 'a' }), false, stored)
  }
  t.equal(await verify({ hash: `${good}:more`, password: 'a' }), true)
  t.equal(await verifyPassword({ hash: `${good}:more`, password: 'a' }), true)
})

t.test('the bytes of a password are wiped once its key is derived', async (t) => {
  const inputs: KeyInput[] = []
  const watched = createScryptHasher((input) => {
    inputs.push(input)
    t.equal(Buffer.from(input.password).toString(), 'secret')
    t.equal(input.password.buffer.byteLength, 6, 'no memory that others use')
    return Promise.resolve(deriveKey(input))
  })
  await watched.verify({ hash: await watched.hash('secret'), password: 'secret' })
  t.same(
    inputs.map(({ password }) => [...password]),
    [Array(6).fill(0), Array(6).fill(0)],
  )
})

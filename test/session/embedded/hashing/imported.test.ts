import t from 'tap'
import {
  isImported,
  readImported,
  verifyImported,
} from '../../../../src/session/embedded/hashes/imported.ts'
import { deriveKey } from '../../../../src/session/embedded/hashes/recipe.ts'
import { createPasswordHashing } from '../../../../src/session/embedded/limits/password.ts'
import { pythonEval } from '../../../fastapi/python.ts'

const passwords = [
  'correct horse battery',
  'pässwörd',
  'e\u0301te\u0301',
  'パスワード🔋',
  '\ufeffmark',
  ' blanks ',
  'x'.repeat(72),
]

// passlib's bcrypt asks the newest bcrypt for what it no longer does; its own is slow, and as good.
const script = `
import json, os, sys
os.environ["PASSLIB_BUILTIN_BCRYPT"] = "enabled"
import bcrypt
from passlib.hash import argon2, bcrypt as passlib_bcrypt, bcrypt_sha256, pbkdf2_sha256, pbkdf2_sha512
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher
passlib_bcrypt.set_backend("builtin")
argon2.set_backend("argon2_cffi")

given = json.load(sys.stdin)
light = {"rounds": 1, "memory_cost": 64, "parallelism": 3}
ways = {
    "pwdlib argon2": lambda p: PasswordHash((Argon2Hasher(),)).hash(p),
    "pwdlib bcrypt": lambda p: PasswordHash((BcryptHasher(rounds=5),)).hash(p),
    "bcrypt 2a": lambda p: bcrypt.hashpw(p.encode(), bcrypt.gensalt(5, b"2a")).decode(),
    "passlib argon2id": argon2.using(type="ID", **light).hash,
    "passlib argon2i": argon2.using(type="I", **light).hash,
    "passlib argon2d": argon2.using(type="D", salt_size=8, digest_size=16, **light).hash,
    "passlib 2y": passlib_bcrypt.using(rounds=4, ident="2y").hash,
    "passlib pbkdf2 256": pbkdf2_sha256.hash,
    "passlib pbkdf2 512": pbkdf2_sha512.using(rounds=7, salt_size=3).hash,
    "passlib bcrypt_sha256": bcrypt_sha256.using(rounds=4).hash,
}
nul = bcrypt.hashpw(b"a\\0b", bcrypt.gensalt(4)).decode()
print(json.dumps({
    "hashes": {name: [hash(p) for p in given] for name, hash in ways.items()},
    "long": {name: ways[name]("x" * 100) for name in ["passlib 2y", "passlib bcrypt_sha256", "pwdlib argon2"]},
    "nul": nul,
    "nulCounts": not bcrypt.checkpw(b"a\\0c", nul.encode()) and bcrypt.checkpw(b"a\\0b", nul.encode()),
}))
`

interface Made {
  readonly hashes: Readonly<Record<string, readonly string[]>>
  readonly long: Readonly<Record<string, string>>
  readonly nul: string
  readonly nulCounts: boolean
}

function verify(hash: string, password: string): Promise<boolean> {
  const read = readImported(hash)
  if (read === null || read === 'costly') throw new Error(`unknown: ${hash}`)
  return verifyImported(read, password, (input) => Promise.resolve(deriveKey(input)))
}

t.test("what Python's libraries have hashed is verified, and nothing else is", async (t) => {
  const modules = ['pwdlib', 'passlib', 'bcrypt', 'argon2']
  const printed = await pythonEval(t, { script, input: JSON.stringify(passwords), modules })
  if (printed === null) return
  const { hashes, long, nul, nulCounts } = JSON.parse(printed) as Made
  for (const [way, made] of Object.entries(hashes)) {
    for (const [index, hash] of made.entries()) {
      const password = passwords[index] ?? ''
      t.equal(await verify(hash, password), true, `${way} ${password}`)
      for (const wrong of [password.slice(1), password.toUpperCase() + ' ', '']) {
        t.equal(await verify(hash, wrong), false, `${way} ${wrong}`)
      }
    }
  }
  await t.test('of what bcrypt is given 72 bytes count', async (t) => {
    t.equal(await verify(long['passlib 2y'] ?? '', 'x'.repeat(72)), true)
    t.equal(await verify(long['passlib 2y'] ?? '', 'x'.repeat(71)), false)
    for (const way of ['passlib bcrypt_sha256', 'pwdlib argon2']) {
      t.equal(await verify(long[way] ?? '', 'x'.repeat(100)), true, way)
      t.equal(await verify(long[way] ?? '', 'x'.repeat(99)), false, way)
    }
  })
  await t.test('a NUL byte is a byte like any other', async (t) => {
    t.equal(nulCounts, true, 'as Python has it')
    t.equal(await verify(nul, 'a\0b'), true)
    for (const wrong of ['a', 'a\0c', 'a\0']) t.equal(await verify(nul, wrong), false)
  })
  await t.test('the letters count as they were typed', async (t) => {
    const [composed, decomposed] = ['\u00e9t\u00e9', 'e\u0301te\u0301']
    const hash = hashes['pwdlib argon2']?.[passwords.indexOf(decomposed)] ?? ''
    t.equal(await verify(hash, composed), false)
  })
})

const salt = 'c2FsdHNhbHRzYWx0c2E'
const key = 'tlLNuslFwOzLYwKiK6sOr6zyX7UPxoQ3EsMKzg2YeAA'
const argon2 = (costs: string, more: { salt?: string; key?: string } = {}): string =>
  `$argon2id$v=19$${costs}$${more.salt ?? salt}$${more.key ?? key}`
const bcrypt = (settings: string, length = 53): string => `$${settings}$${'a'.repeat(length)}`
const pbkdf2 = (rounds: number): string => `$pbkdf2-sha256$${rounds}$${salt}$${key}`

t.test('a hash that asks for too much work is none', async (t) => {
  const fine = [
    argon2('m=262144,t=20,p=16'),
    argon2('m=8,t=1,p=1'),
    bcrypt('2b$14'),
    bcrypt('2b$04'),
    pbkdf2(4_000_000),
    `$bcrypt-sha256$v=2,t=2b,r=14$${'a'.repeat(22)}$${'a'.repeat(31)}`,
  ]
  for (const hash of fine) t.equal(isImported(hash), true, hash)
  const costly = [
    argon2('m=262145,t=1,p=1'),
    argon2('m=65536,t=21,p=1'),
    argon2('m=65536,t=1,p=17'),
    argon2('m=999999999,t=999999999,p=999999'),
    bcrypt('2b$15'),
    bcrypt('2y$31'),
    pbkdf2(4_000_001),
    `$bcrypt-sha256$v=2,t=2b,r=31$${'a'.repeat(22)}$${'a'.repeat(31)}`,
  ]
  for (const hash of costly) {
    t.equal(readImported(hash), 'costly', hash)
    t.equal(isImported(hash), false, hash)
  }
})

t.test('what is no hash of these is not taken for one', async (t) => {
  const others = [
    '',
    'password',
    '!',
    '$2b$12$short',
    bcrypt('2x$12'),
    bcrypt('2$12'),
    bcrypt('2b$03'),
    bcrypt('2b$12', 54),
    `${bcrypt('2b$12')}\n`,
    argon2('m=64,t=3,p=4').replace('v=19', 'v=16'),
    argon2('m=64,t=3,p=4').replace('$v=19', ''),
    argon2('m=64,t=3,p=4,keyid=a'),
    argon2('m=7,t=1,p=1'),
    argon2('m=64,t=0,p=1'),
    argon2('m=64,t=1,p=0'),
    argon2('m=-64,t=1,p=1'),
    argon2('m=64,t=1,p=1', { salt: 'c2FsdA' }),
    argon2('m=64,t=1,p=1', { key: 'c2FsdA' }),
    argon2('m=64,t=1,p=1', { key: 'A'.repeat(100) }),
    `x${argon2('m=64,t=1,p=1')}`,
    pbkdf2(0),
    pbkdf2(1).slice(0, -1),
    '$5$rounds=535000$abc$def',
    `${'a'.repeat(32)}:${'b'.repeat(128)}`,
  ]
  for (const hash of others) t.equal(readImported(hash), null, hash)
})

t.test(
  'imported hashes are verified on the hashing threads, unless a user brings another way',
  async (t) => {
    // Of the password "the password of old".
    const hash = '$2b$04$abcdefghijklmnopqrstuuJq4Fzjc1.pflg1yTKrfXxVbuU.NcG.K'
    const ours = createPasswordHashing()
    const theirs = createPasswordHashing({ verify: () => Promise.resolve(true) })
    t.teardown(() => {
      ours.close()
      theirs.close()
    })
    t.equal(await ours.verify({ hash, password: 'the password of old' }), true)
    t.equal(await ours.verify({ hash, password: 'b' }), false)
    t.equal(await theirs.verify({ hash, password: 'b' }), true)
    const own = await ours.hash('a')
    t.equal(await ours.verify({ hash: own, password: 'a' }), true, 'and what is hashed is scrypt')
    t.match(own, /^[\da-f]{32}:[\da-f]{128}$/)
  },
)

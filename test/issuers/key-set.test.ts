import t from 'tap'
import type { SignatureAlgorithm } from '../../src/config/types.ts'
import { KeySet } from '../../src/issuers/key-set.ts'
import { createLogger } from '../../src/ops/log.ts'
import { makeKeyPair, type KeyPair } from '../helper/issuer.ts'

const [one, two] = [await makeKeyPair('one'), await makeKeyPair('two')]

/** A key set over an issuer that can be away, and whose answers can be held back. */
function keySet(options: { readonly algorithms?: readonly SignatureAlgorithm[] } = {}) {
  const issuer = {
    published: [one.jwk] as unknown,
    fetched: 0,
    isAway: false,
    hold: null as Promise<void> | null,
  }
  const time = { ms: 0 }
  const keys = new KeySet({
    issuer: { url: 'https://keys.test', algorithms: options.algorithms ?? ['EdDSA'] },
    fetch: async () => {
      issuer.fetched += 1
      await issuer.hold
      if (issuer.isAway) throw new Error('away')
      return { keys: issuer.published }
    },
    clock: { monotonic: () => time.ms },
    logger: createLogger('silent'),
  })
  return {
    issuer,
    time,
    keys,
    knows: ({ keyId }: KeyPair) => keys.peek(keyId, 'EdDSA') !== undefined,
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

t.test('keys are fetched once for whoever waits, and remembered', async (t) => {
  const { issuer, keys, knows } = keySet()
  t.notOk(knows(one))
  const found = await Promise.all(Array.from({ length: 100 }, () => keys.find('one', 'EdDSA')))
  t.equal(new Set(found).size, 1)
  t.ok(knows(one))
  await keys.find('one', 'EdDSA')
  t.equal(issuer.fetched, 1)
})

t.test('where nothing was ever fetched, nothing can be known', async (t) => {
  const { issuer, keys, time } = keySet()
  issuer.isAway = true
  await t.rejects(keys.find('one', 'EdDSA'))
  await t.rejects(keys.find('one', 'EdDSA'), 'a moment later nobody is asked again')
  t.equal(issuer.fetched, 1)
  issuer.isAway = false
  time.ms = 1000
  t.ok(await keys.find('one', 'EdDSA'), 'it is back within 2 s')
})

t.test('a storm of ids that nobody has costs one fetch in 30 s', async (t) => {
  const { issuer, keys, time } = keySet()
  await keys.find('one', 'EdDSA')
  const storm = async (): Promise<void> => {
    for (let round = 0; round < 10; round += 1) {
      const asked = Array.from({ length: 100 }, (_, index) =>
        keys.find(`made-up-${String(round)}-${String(index)}`, 'EdDSA'),
      )
      t.same(new Set(await Promise.all(asked)), new Set([null]))
    }
  }
  await storm()
  t.equal(issuer.fetched, 2)
  time.ms = 29_999
  await storm()
  t.equal(issuer.fetched, 2)
  time.ms = 30_000
  await storm()
  t.equal(issuer.fetched, 3)
})

t.test('a new key is found by its id, by all who bring it at once', async (t) => {
  const { issuer, keys } = keySet()
  await keys.find('one', 'EdDSA')
  issuer.published = [one.jwk, two.jwk]
  const found = await Promise.all(Array.from({ length: 10 }, () => keys.find('two', 'EdDSA')))
  t.ok(found.every((key) => key !== null))
  t.equal(issuer.fetched, 2)
})

t.test('keys are fetched anew in the background; a key that stays is the same one', async (t) => {
  const { issuer, keys, time, knows } = keySet()
  const before = await keys.find('one', 'EdDSA')
  issuer.published = [one.jwk, two.jwk]
  time.ms = 299_999
  t.ok(knows(one))
  t.equal(issuer.fetched, 1)
  time.ms = 300_000
  t.ok(knows(one), 'nobody waits for it')
  t.ok(knows(one))
  await settle()
  t.equal(issuer.fetched, 2, 'once')
  t.ok(knows(two))
  t.equal(keys.peek('one', 'EdDSA'), before)
})

t.test('a key that is withdrawn, or replaced under its id, is gone', async (t) => {
  const { issuer, keys, time, knows } = keySet()
  const before = await keys.find('one', 'EdDSA')
  issuer.published = [{ ...two.jwk, kid: 'one' }]
  time.ms = 300_000
  knows(one)
  await settle()
  t.ok(keys.peek('one', 'EdDSA'))
  t.not(keys.peek('one', 'EdDSA'), before)
  issuer.published = []
  time.ms = 600_000
  knows(one)
  await settle()
  t.notOk(knows(one))
})

t.test('while the issuer is away its last keys count for a day', async (t) => {
  const { issuer, keys, time, knows } = keySet()
  await keys.find('one', 'EdDSA')
  issuer.isAway = true
  time.ms = 86_399_999
  t.ok(knows(one))
  await settle()
  t.equal(issuer.fetched, 2)
  t.ok(knows(one))
  await settle()
  t.equal(issuer.fetched, 2, 'it is not asked all the time')
  await t.rejects(keys.find('two', 'EdDSA'), 'another id may be that of a new key')
  time.ms = 86_400_000
  t.notOk(knows(one))
  await t.rejects(keys.find('one', 'EdDSA'))
  issuer.isAway = false
  time.ms = 86_402_000
  t.ok(await keys.find('one', 'EdDSA'))
})

t.test('what is no usable set leaves the last one in force', async (t) => {
  const { issuer, keys, time, knows } = keySet()
  await keys.find('one', 'EdDSA')
  const many = Array.from({ length: 101 }, (_, index) => ({ ...two.jwk, kid: `k${String(index)}` }))
  for (const published of [many, null, 'keys', { one: one.jwk }]) {
    issuer.published = published
    time.ms += 300_000
    knows(one)
    await settle()
    t.ok(knows(one), JSON.stringify(published).slice(0, 20))
  }
  t.equal(issuer.fetched, 5)
  issuer.published = many.slice(1)
  time.ms += 300_000
  knows(one)
  await settle()
  t.notOk(knows(one))
  t.ok(await keys.find('k100', 'EdDSA'))
})

t.test('keys that are not for these signatures are passed over, one by one', async (t) => {
  const { issuer, keys } = keySet()
  const { d: _private, ...rest } = one.jwk
  issuer.published = [
    null,
    'text',
    { ...rest, kid: undefined },
    { ...rest, kid: '' },
    { ...rest, kid: 7 },
    { ...rest, kid: 'k'.repeat(257) },
    { ...rest, kid: 'encrypts', use: 'enc' },
    { ...rest, kid: 'signs', use: undefined, key_ops: ['sign'] },
    { ...rest, kid: 'says-another', alg: 'ES256' },
    { ...rest, kid: 'another-curve', alg: undefined, crv: 'X25519' },
    { kty: 'oct', k: 'c2VjcmV0', kid: 'symmetric' },
    { kty: 'EC', crv: 'P-256', kid: 'elliptic', x: 'a', y: 'b' },
    { ...rest, kid: 'twice' },
    { ...two.jwk, kid: 'twice' },
    { ...rest, kid: 'good', use: undefined, alg: undefined, key_ops: ['verify'] },
    { ...rest, kid: 'broken', x: '!' },
  ]
  for (const id of [
    'encrypts',
    'signs',
    'says-another',
    'another-curve',
    'symmetric',
    'elliptic',
    '',
    'k'.repeat(257),
  ]) {
    t.equal(await keys.find(id, 'EdDSA'), null, id.slice(0, 20))
  }
  t.ok(await keys.find('good', 'EdDSA'))
  t.equal(await keys.find('good', 'ES256'), null, 'by another algorithm')
  t.ok(await keys.find('twice', 'EdDSA'), 'of two the first counts')
  t.notOk(await (await keys.find('broken', 'EdDSA'))?.verify('a.b.c'))
})

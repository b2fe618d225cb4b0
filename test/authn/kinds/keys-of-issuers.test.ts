import { createPublicKey } from 'node:crypto'
import { exportSPKI } from 'jose'
import t from 'tap'
import { makeKeyPair, signWith } from '../../helper/issuer.ts'
import { goodClaims, mint } from '../../helper/token.ts'
import { codeWith, createSigner } from './issuing.ts'

t.test('every algorithm that can be configured verifies', async (t) => {
  const algorithms = [
    'EdDSA',
    'Ed25519',
    'ES256',
    'ES384',
    'ES512',
    'RS256',
    'PS256',
    'PS512',
  ] as const
  for (const algorithm of algorithms) {
    const signer = await createSigner('https://a.test', { algorithms: [algorithm] })
    t.equal(await codeWith([signer], await signer.sign()), 'authenticated', algorithm)
  }
})

t.test(
  'an algorithm that is not listed for the issuer is refused, though its key verifies it',
  async (t) => {
    const signer = await createSigner('https://a.test', { algorithms: ['PS256'] })
    const other = await makeKeyPair('key-2', 'RS256')
    signer.published.push(other.jwk)
    t.equal(await codeWith([signer], await signWith(other, signer.name)), 'token_invalid')
    t.equal(await codeWith([signer], await signer.sign()), 'authenticated')
  },
)

t.test('a key is for the algorithm that it says', async (t) => {
  const signer = await createSigner('https://a.test', { algorithms: ['RS256', 'PS256'] })
  const asPss = { ...signer.key, algorithm: 'PS256' }
  // The same RSA key would verify both.
  const { privateKey } = await makeKeyPair('x', 'PS256')
  t.equal(
    await codeWith([signer], await signWith({ ...asPss, privateKey }, signer.name)),
    'token_invalid',
  )
  t.equal(await codeWith([signer], await signer.sign()), 'authenticated')
})

// RFC 8725 §2.1: a public key is known to everybody, and as the secret of an HMAC it makes tokens.
t.test('a public key is no secret: HS256 under what the issuer publishes is refused', async (t) => {
  const signer = await createSigner('https://a.test', { algorithms: ['RS256'] })
  const claims = goodClaims({ iss: signer.name.issuer, aud: signer.name.audience })
  const pem = await exportSPKI(signer.key.publicKey)
  const secrets = [
    pem,
    pem.trim(),
    JSON.stringify(signer.key.jwk),
    String(signer.key.jwk.n),
    createPublicKey(pem).export({ type: 'spki', format: 'der' }).toString('latin1'),
  ]
  for (const secret of secrets) {
    for (const alg of ['HS256', 'RS256', 'HS384']) {
      const token = mint(claims, { secret, header: { alg, kid: 'key-1', typ: 'JWT' } })
      t.equal(await codeWith([signer], token), 'token_invalid', `${alg} ${secret.slice(0, 20)}`)
    }
  }
  const unsigned = mint(claims, { header: { alg: 'none', kid: 'key-1' } })
  t.equal(await codeWith([signer], unsigned), 'token_invalid')
})

t.test('a secret that an issuer publishes as a key verifies nothing', async (t) => {
  const signer = await createSigner()
  const k = Buffer.from('a-symmetric-key-that-everybody-can-read').toString('base64url')
  signer.published.push(
    { kty: 'oct', k, kid: 'shared', alg: 'HS256' },
    { kty: 'oct', k, kid: 'none' },
  )
  const claims = goodClaims({ iss: signer.name.issuer, aud: signer.name.audience })
  for (const kid of ['shared', 'none']) {
    for (const alg of ['HS256', 'EdDSA']) {
      const token = mint(claims, {
        secret: Buffer.from(k, 'base64url').toString(),
        header: { alg, kid },
      })
      t.equal(await codeWith([signer], token), 'token_invalid', `${alg} ${kid}`)
    }
  }
})

t.test('a token names its key, by an id that the issuer publishes', async (t) => {
  const signer = await createSigner()
  const kids = [
    undefined,
    null,
    '',
    'key-2',
    'KEY-1',
    'key-1 ',
    '../../dev/null',
    "' OR 1=1 --",
    '__proto__',
    'constructor',
    7,
    ['key-1'],
    'k'.repeat(300),
  ]
  for (const kid of kids) {
    const header = kid === undefined ? { alg: 'EdDSA' } : { alg: 'EdDSA', kid }
    const claims = goodClaims({ iss: signer.name.issuer, aud: signer.name.audience })
    const input = [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    const { subtle } = globalThis.crypto
    const signature = await subtle.sign('Ed25519', signer.key.privateKey, Buffer.from(input))
    const token = `${input}.${Buffer.from(signature).toString('base64url')}`
    t.equal(await codeWith([signer], token), 'token_invalid', JSON.stringify(kid))
  }
  t.equal(await codeWith([signer], await signer.sign()), 'authenticated')
})

t.test('keys that a token brings along or points at are not looked at', async (t) => {
  const signer = await createSigner()
  const own = await makeKeyPair('key-1')
  for (const header of [
    { jwk: own.jwk },
    { jku: 'https://evil.test/keys' },
    { x5u: 'https://evil.test/cert' },
    { x5c: ['MIIB'] },
  ]) {
    const name = JSON.stringify(Object.keys(header))
    t.equal(
      await codeWith([signer], await signWith(own, signer.name, { header })),
      'token_invalid',
      name,
    )
    t.equal(
      await codeWith([signer], await signer.sign({ header })),
      'authenticated',
      `${name} does not hurt`,
    )
  }
})

import { createHmac } from 'node:crypto'
import t from 'tap'
import { verifyToken } from '../../src/authn/bearer/hs256.ts'
import { createHs256 } from '../../src/crypto/hs256.ts'
import { goodClaims, jwtSecret, mint } from '../helper/token.ts'

type Verifier = (input: string, signature: string) => boolean

/** HS256 with a key of any bytes, as the published examples have it; ours are texts. */
function verifierOf(key: Buffer): Verifier {
  return (input, signature) =>
    createHmac('sha256', key).update(input).digest('base64url') === signature
}

const ours: readonly Verifier[] = [createHs256(jwtSecret).verify]

t.test('the MAC is the one of RFC 4231', async (t) => {
  const hex = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
  const mac = createHs256('Jefe').sign('what do ya want for nothing?')
  t.equal(Buffer.from(mac, 'base64url').toString('hex'), hex)
})

t.test('the examples of RFC 7515 A.1 and RFC 7519 3.1 verify, and only as they are', async (t) => {
  const key = Buffer.from(
    'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
    'base64url',
  )
  const token =
    'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9' +
    '.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ' +
    '.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
  const verifiers = [verifierOf(key)]
  t.same(verifyToken(token, verifiers), {
    type: 'jwt',
    claims: { iss: 'joe', exp: 1300819380, 'http://example.com/is_root': true },
  })
  for (let index = 0; index < token.length; index += 1) {
    const other = token[index] === 'A' ? 'B' : 'A'
    const changed = token.slice(0, index) + other + token.slice(index + 1)
    if (verifyToken(changed, verifiers) !== null) t.fail(`character ${index} does not matter`)
  }
  t.equal(verifyToken(token, ours), null, 'under another key it is nothing')
})

t.test('a payload that is no set of claims is no token, as in RFC 7520 4.4', async (t) => {
  const input = [{ alg: 'HS256', kid: '018c0ae5-4d9b-471b-bfd6-eef314bc7037' }].map((header) =>
    Buffer.from(JSON.stringify(header)).toString('base64url'),
  )
  for (const payload of ['It’s a dangerous business', '"text"', '7', 'null', '[]', '{"a":', '']) {
    const signed = `${input.join('')}.${Buffer.from(payload).toString('base64url')}`
    const token = `${signed}.${createHs256(jwtSecret).sign(signed)}`
    t.equal(verifyToken(token, ours), null, payload)
  }
})

// What published collections of vectors for JWS MACs try, with keys and texts of our own.
t.test('no altered, shortened or differently written MAC verifies', async (t) => {
  const token = mint(goodClaims())
  const [header = '', payload = '', signature = ''] = token.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const flipped = Buffer.from(bytes)
  flipped[0]! ^= 1
  const variants = {
    'a flipped bit': flipped.toString('base64url'),
    zeros: Buffer.alloc(32).toString('base64url'),
    'half of it': bytes.subarray(0, 16).toString('base64url'),
    'one byte less': bytes.subarray(0, 31).toString('base64url'),
    'one byte more': Buffer.concat([bytes, Buffer.alloc(1)]).toString('base64url'),
    nothing: '',
    hexadecimal: bytes.toString('hex'),
    padding: `${signature}=`,
    'the other alphabet': bytes.toString('base64'),
    'a line break': `${signature.slice(0, 20)}\n${signature.slice(20)}`,
    'a space': `${signature} `,
    'SHA-384': createHmac('sha384', jwtSecret).update(`${header}.${payload}`).digest('base64url'),
    'SHA-512': createHmac('sha512', jwtSecret).update(`${header}.${payload}`).digest('base64url'),
    'SHA-1': createHmac('sha1', jwtSecret).update(`${header}.${payload}`).digest('base64url'),
    'the MAC of the payload': createHs256(jwtSecret).sign(payload),
    'the MAC under the empty key': createHmac('sha256', '')
      .update(`${header}.${payload}`)
      .digest('base64url'),
  }
  for (const [why, other] of Object.entries(variants)) {
    t.equal(verifyToken(`${header}.${payload}.${other}`, ours), null, why)
  }
  t.match(verifyToken(token, ours), { type: 'jwt' })
})

t.test('keys that a token brings along are not looked at', async (t) => {
  const own = Buffer.from('a-key-that-the-token-brings-along-itself')
  const jwk = { kty: 'oct', k: own.toString('base64url') }
  for (const extra of [
    { jwk },
    { kid: '../../dev/null' },
    { jku: 'https://evil.test/keys' },
    { x5u: 'https://evil.test/cert' },
    { kid: "' OR 1=1 --", jwk },
  ]) {
    const header = { alg: 'HS256', ...extra }
    t.equal(verifyToken(mint(goodClaims(), { header, secret: own.toString() }), ours), null)
    t.match(verifyToken(mint(goodClaims(), { header }), ours), { type: 'jwt' }, 'nor do they hurt')
  }
})

t.test('claims that are not UTF-8 are refused, as PyJWT refuses them', async (t) => {
  const head = Buffer.from('{"alg":"HS256"}').toString('base64url')
  for (const raw of [
    Buffer.from([0x7b, 0x22, 0x73, 0x75, 0x62, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]),
    Buffer.from('{"sub":"\xc0\xaf"}', 'latin1'),
    Buffer.from('\ufeff{"sub":"u"}'),
    Buffer.from('{"sub":"u"}', 'utf16le'),
  ]) {
    const input = `${head}.${raw.toString('base64url')}`
    t.equal(verifyToken(`${input}.${createHs256(jwtSecret).sign(input)}`, ours), null)
  }
})

t.test('five segments, or an object, are no compact JWS', async (t) => {
  const token = mint(goodClaims())
  for (const other of [
    `${token}..`,
    `${token}.a.b`,
    JSON.stringify({ payload: token.split('.')[1], signatures: [] }),
    token.replaceAll('.', '..'),
    `.${token}`,
    '..',
    '',
  ]) {
    t.equal(verifyToken(other, ours), null, other.slice(-12))
  }
})

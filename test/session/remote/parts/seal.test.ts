import t from 'tap'
import type { GatewayConfig } from '../../../../src/config/types.ts'
import { createSeal } from '../../../../src/crypto/seal.ts'
import { createSessionSeal } from '../../../../src/session/remote/seal.ts'

const one = 'Xh5Rw8Nc2Vt6Lz1Kq9Mb4Jd7Gf3Ps0Ya'
const two = 'm4Xc8bZr2Kq9Wt7Lf3Vn6Jh1Pd5Gs0Y-bearer'

t.test(
  'what is sealed comes back, to whoever has the secret and knows what it belongs to',
  async (t) => {
    const { seal, unseal } = createSeal([one], 'test')
    const sealed = seal('a secret ü', 's1')
    t.match(sealed, /^[\w-]+$/)
    t.not(seal('a secret ü', 's1'), sealed, 'never the same twice')
    t.equal(unseal(sealed, 's1'), 'a secret ü')
    t.equal(unseal(sealed, 's2'), null, 'of another session')
    t.equal(createSeal([two], 'test').unseal(sealed, 's1'), null, 'under another secret')
    t.equal(createSeal([one], 'other').unseal(sealed, 's1'), null, 'for another purpose')
    t.equal(createSeal([two, one], 'test').unseal(sealed, 's1'), 'a secret ü', 'under an old one')
  },
)

t.test('no bit of it can be changed', async (t) => {
  const { seal, unseal } = createSeal([one], 'test')
  const bytes = Buffer.from(seal('a secret', 's1'), 'base64url')
  for (let index = 0; index < bytes.length; index += 1) {
    const changed = Buffer.from(bytes)
    changed[index] = (changed[index] ?? 0) ^ 1
    t.equal(unseal(changed.toString('base64url'), 's1'), null, `byte ${index}`)
  }
  for (const text of ['', 'x', 'A'.repeat(37), bytes.subarray(0, -1).toString('base64url')]) {
    t.equal(unseal(text, 's1'), null, JSON.stringify(text))
  }
})

t.test('sessions are sealed under the secret that FastAPI does not know', async (t) => {
  const make = (secrets: readonly string[], pushSecret: string | null, bearer = [two]) =>
    createSessionSeal({
      server: { publicUrl: 'http://app.test' },
      auth: { secrets, remote: { url: 'http://auth', cookie: null, pushSecret } },
      bearer: { secrets: bearer },
    } as unknown as GatewayConfig)
  const header = 'theme=dark; better-auth.session_token=value'
  const opened = (sealed: string | null | undefined, by: ReturnType<typeof make>) =>
    by?.unseal(sealed ?? '', 's1')
  const known = make([one], null)?.seal(header, 's1')
  t.equal(opened(known, make([one], null, ['x'.repeat(32)])), 'value')
  t.equal(opened(known, make([], null)), null)
  const pushed = make([], one)?.seal(header, 's1')
  t.equal(opened(pushed, make([], one, ['x'.repeat(32)])), 'value')
  t.equal(opened(pushed, make([], null)), null)
  t.equal(opened(make([], null)?.seal(header, 's1'), make([], null)), 'value')
  t.equal(make([], null)?.seal('theme=dark', 's1'), null)
  t.equal(make([], null)?.seal(null, 's1'), null)
})

t.test('where Better Auth is our own nothing is sealed', async (t) => {
  t.equal(createSessionSeal({ auth: { remote: null } } as unknown as GatewayConfig), null)
})

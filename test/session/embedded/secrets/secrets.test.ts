import { symmetricDecrypt, symmetricEncrypt } from 'better-auth/crypto'
import t from 'tap'
import { createResigner } from '../../../../src/session/embedded/secrets/resign.ts'
import { versionSecrets } from '../../../../src/session/embedded/secrets/versions.ts'
import { signCookie } from '../../../helper/token.ts'

const [newer, older, oldest] = [
  'Zk3vXw8qLr5Tn2Yb7Hc4Mf9Jd1Gs6Pa0-newer',
  'q7Vn2wL9xRk4Tz8mBc3Fd6Hj1Yp5Ns0G-older',
  'Ht6cBn1mQw9Er4Ty7Ui2Op5As8Df3Gh0-oldest',
]
const isAuthCookie = (name: string): boolean => name.startsWith('better-auth.')

t.test('a cookie that an older secret signed is signed with the current one', (t) => {
  const resign = createResigner([newer, older, oldest], isAuthCookie)
  const [token, trusted] = ['some-session-token', 'a!b:c=']
  t.equal(
    resign(
      `theme=dark; better-auth.session_token=${signCookie(token, older)}; better-auth.trust_device=${signCookie(trusted, oldest)};x=`,
    ),
    `theme=dark; better-auth.session_token=${signCookie(token, newer)}; better-auth.trust_device=${signCookie(trusted, newer)};x=`,
  )
  t.end()
})

t.test('whatever else there is comes out byte for byte', (t) => {
  const resign = createResigner([newer, older], isAuthCookie)
  const good = signCookie('some-session-token', older)
  for (const header of [
    `better-auth.session_token=${signCookie('some-session-token', newer)}`,
    `better-auth.session_token=${signCookie('some-session-token', oldest)}`,
    `other.session_token=${good}`,
    `better-auth.session_token="${good}"`,
    `better-auth.session_token=${good}x`,
    `better-auth.session_token=x${good}`,
    'better-auth.session_token=%zz.%',
    `better-auth.session_token=.${good.split('.')[1] ?? ''}`,
    'better-auth.session_token=',
    'better-auth.session_token',
    ' ; =; a==b;;',
    '',
  ]) {
    t.equal(resign(header), header, header)
  }
  const alone = createResigner([newer], isAuthCookie)
  t.equal(alone(`better-auth.session_token=${good}`), `better-auth.session_token=${good}`)
  t.end()
})

/** As Better Auth holds its secrets. */
function config(secrets: readonly string[]) {
  const versioned = versionSecrets(secrets)
  const keys = new Map(versioned.map(({ version, value }) => [version, value]))
  return { keys, currentVersion: versioned[0]?.version ?? 0 }
}

t.test(
  'what was encrypted under a secret is readable wherever that secret stands in the list',
  async (t) => {
    const before = await symmetricEncrypt({ key: config([older]), data: 'text' })
    for (const secrets of [[older], [newer, older], [newer, oldest, older], [older, newer]]) {
      t.equal(await symmetricDecrypt({ key: config(secrets), data: before }), 'text')
    }
    await t.rejects(symmetricDecrypt({ key: config([newer]), data: before }))
    const after = await symmetricEncrypt({ key: config([newer, older]), data: 'text' })
    t.equal(
      await symmetricDecrypt({ key: config([newer]), data: after }),
      'text',
      'the first encrypts',
    )
  },
)

t.test(
  'what was encrypted when there was but one secret was encrypted under the oldest',
  async (t) => {
    const single = { keys: new Map([[1, older]]), currentVersion: 1 }
    const before = await symmetricEncrypt({ key: single, data: 'text' })
    t.equal(await symmetricDecrypt({ key: config([newer, older]), data: before }), 'text')
    t.equal(await symmetricDecrypt({ key: config([older]), data: before }), 'text')
  },
)

t.test(
  'the number of a secret is its own, and says nothing of the key that it is made into',
  async (t) => {
    const versions = versionSecrets([newer, older, oldest]).map(({ version }) => version)
    t.equal(new Set(versions).size, 4)
    t.ok(
      versions.every((version) => Number.isInteger(version) && version >= 1 && version < 2 ** 31),
    )
    t.same(versionSecrets([newer])[0], versionSecrets([newer, older])[0])
    const digest = await crypto.subtle.digest('SHA-256', Buffer.from(newer))
    const hex = Buffer.from(digest).toString('hex')
    // Better Auth encrypts with this digest: a part of it beside the ciphertext would be a part of the key.
    t.not(versions[0], (Number.parseInt(hex.slice(0, 12), 16) % (2 ** 31 - 2)) + 2)
  },
)

import t, { type Test } from 'tap'
import { startGateway } from '../../helper/gateway.ts'

const upstream = 'http://127.0.0.1:9'

async function pageFor(t: Test, auth: string, module?: string): Promise<string> {
  const gateway = await startGateway(t, {
    upstream,
    auth: module === undefined ? auth : `${auth}, module: ./auth.ts`,
    ...(module === undefined ? {} : { files: { 'auth.ts': module } }),
  })
  return (await gateway.request('/_gateway/login')).text
}

function buttonsOf(page: string): readonly string[] {
  const found = page.matchAll(/data-provider="([^"]+)">Continue with ([^<]+)</g)
  return [...found].map(([, id = '', name = '']) => `${id}: ${name}`)
}

t.test('every provider has a button, wherever it is configured', async (t) => {
  const module = `import { genericOAuth } from 'better-auth/plugins'
    export default {
      socialProviders: { gitlab: { clientId: 'client', clientSecret: 'secret' } },
      plugins: [genericOAuth({ config: [{
        providerId: 'company',
        clientId: 'client',
        clientSecret: 'secret',
        authorizationUrl: 'https://id.example.com/authorize',
        tokenUrl: 'https://id.example.com/token',
      }] })],
    }`
  const github = '{ github: { clientId: client, clientSecret: secret } }'
  const page = await pageFor(t, `signUp: open, signIn: { social: ${github} }`, module)
  t.same(buttonsOf(page).toSorted(), ['company: Company', 'github: GitHub', 'gitlab: GitLab'])
})

t.test('what cannot be done is not on the page', async (t) => {
  const bare = await pageFor(t, 'signUp: closed')
  t.match(bare, 'id="in-password"')
  t.notMatch(bare, /data-provider|Create an account|Forgot|one-time-code|data-view="verify"/)
  const none = await pageFor(t, 'signUp: open, signIn: { email: false }')
  t.match(none, 'No way to sign in has been set up here.')
  t.notMatch(none, /<form|Create an account/)
})

t.test('the options of the user decide what is said', async (t) => {
  const page = await pageFor(
    t,
    'signUp: open',
    `import { twoFactor } from 'better-auth/plugins'
    export default {
      emailAndPassword: { minPasswordLength: 14 },
      plugins: [twoFactor({
        totpOptions: { disable: true },
        otpOptions: { sendOTP: () => { throw new Error('is not called') } },
        trustDeviceMaxAge: 86400 * 7,
      })],
    }`,
  )
  t.match(page, 'At least 14 characters.')
  t.match(page, '<section data-view="otp"')
  t.match(page, 'Trust this device for 7 days')
  t.notMatch(page, /data-view="(?:totp|backup|forgot)"/)
})

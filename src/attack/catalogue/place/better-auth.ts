import type { Expectation } from '../../case.ts'
import { arrived, describeAnswer, expectation, refused } from '../../expect.ts'
import type { Ground } from '../../ground.ts'
import { evil } from '../request.ts'
import type { Case } from './endpoints.ts'
import { tell, told, type Words } from '../words.ts'

const words: Words = {
  'auth-dots': [
    'dot segments below the path of Better Auth',
    'A path that Better Auth repairs, and that the gateway has let through.',
    'CWE-22',
  ],
  'auth-sign-up': [
    'an account where signing up is closed',
    'auth.signUp is for the page and for whoever asks without it.',
    'CWE-862',
  ],
  'auth-foreign': [
    'a sign-in from another site',
    'A page signs its visitors in to an account of its own.',
    'CWE-352',
  ],
  'auth-callback': [
    'a sign-in that leads to another site',
    'Better Auth is told where to lead people afterwards.',
    'CWE-601',
  ],
}

/** What is below `auth.path`, where Better Auth is in the gateway. */
export function betterAuth({ config }: Ground): readonly Case[] {
  const { path, remote } = config.auth
  if (remote !== null) return []
  const story = 'Methods that Better Auth does not know are not handed to it.'
  const methods = (['PUT', 'PATCH', 'DELETE'] as const).map((method): Case => [
    told(`auth-${method.toLowerCase()}`, `${method} below ${path}`, story, 'CWE-650'),
    { method, target: `${path}/get-session` },
    refused('method_not_allowed'),
  ])
  const dots: Case = [
    tell(words, 'auth-dots'),
    { target: `${path}/%2e%2e/get-session` },
    refused('path_not_canonical'),
  ]
  return [...methods, dots, ...accounts(config)]
}

const known = { email: 'mallory@attack.invalid', password: 'correct horse battery staple' }

/** Accounts that are asked for as they may not be. */
function accounts({ auth: { path, signUp }, server }: Ground['config']): readonly Case[] {
  const here = [`Origin: ${server.publicUrl}`]
  const foreign = [`Origin: https://${evil}`, 'Sec-Fetch-Site: cross-site', 'Cookie: x=y']
  const post = (id: string, endpoint: string, body: object, from: readonly string[]): Case => [
    tell(words, id),
    {
      method: 'POST',
      target: `${path}/${endpoint}`,
      lines: ['Content-Type: application/json', 'Sec-Fetch-Mode: cors', ...from],
      body: JSON.stringify(body),
    },
    turnedAway,
  ]
  const callback = { ...known, callbackURL: `https://${evil}/x` }
  return [
    post('auth-foreign', 'sign-in/email', known, foreign),
    post('auth-callback', 'sign-in/email', callback, here),
    ...(signUp.kind === 'open'
      ? []
      : [post('auth-sign-up', 'sign-up/email', { name: 'mallory', ...known }, here)]),
  ]
}

/** Refused, in the shape of Better Auth's answers. */
const turnedAway: Expectation = expectation('refused, without a cookie', (seen) => [
  ...arrived(seen),
  ...(seen.answers.length === 0 ? ['there was no answer'] : []),
  ...seen.answers
    .filter(({ status }) => status < 400 || status >= 500)
    .map((each) => `answered ${describeAnswer(each)}`),
  ...(/^set-cookie:.*session_token=[^;]/im.test(seen.text) ? ['a session cookie was set'] : []),
])

/** @import { Answer } from './types.ts' */

/**
 * What the sign-in page says about an answer of Better Auth. The server says the same where a form comes without JavaScript: this
 * file, `calls.js` and `outcome.js` run in both places, so they use neither the DOM nor Node.
 */

const closed = 'New accounts cannot be created here.'

const words = {
  INVALID_EMAIL_OR_PASSWORD: 'The e-mail address or the password is not right.',
  INVALID_EMAIL: 'That is not a valid e-mail address.',
  EMAIL_PASSWORD_DISABLED: 'Signing in with a password is not possible here.',
  USER_ALREADY_EXISTS: 'There is already an account with this e-mail address. Sign in instead.',
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL:
    'There is already an account with this e-mail address. Sign in instead.',
  PASSWORD_TOO_SHORT: 'That password is too short. Choose a longer one.',
  PASSWORD_TOO_LONG: 'That password is too long. Choose a shorter one.',
  EMAIL_NOT_VERIFIED:
    'Confirm your e-mail address first: open the link in the message we sent you.',
  EMAIL_PASSWORD_SIGN_UP_DISABLED: closed,
  SIGN_UP_CLOSED: closed,
  SIGN_UP_DOMAIN_NOT_ALLOWED:
    'New accounts cannot be created with an e-mail address of this domain.',
  RESET_PASSWORD_DISABLED: 'A forgotten password cannot be replaced here.',
  INVALID_TOKEN: 'That link has expired, or has been used already. Ask for another one.',
  TOKEN_EXPIRED: 'That link has expired. Ask for another one.',
  VERIFICATION_EMAIL_NOT_ENABLED: 'That message cannot be sent again from here.',
  EMAIL_ALREADY_VERIFIED: 'This e-mail address is confirmed already. Sign in to go on.',
  EMAIL_MISMATCH: 'You are signed in with another e-mail address.',
  INVALID_CODE: 'That code is not right. Type the one that is shown now.',
  INVALID_BACKUP_CODE: 'That code is not right, or has been used already.',
  OTP_HAS_EXPIRED: 'That code has expired. Ask for another one.',
  OTP_NOT_CONFIGURED: 'Codes cannot be sent here. Choose another way.',
  TOTP_NOT_ENABLED: 'This account has no authenticator app. Choose another way.',
  TOTP_NOT_CONFIGURED: 'Authenticator apps are not in use here. Choose another way.',
  BACKUP_CODES_NOT_ENABLED: 'This account has no backup codes. Choose another way.',
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: 'Too many wrong codes. Sign in again.',
  ACCOUNT_TEMPORARILY_LOCKED:
    'Too many wrong codes. This account takes none for a while: try again later.',
  INVALID_TWO_FACTOR_COOKIE: 'That took too long. Sign in again.',
  INVALID_ORIGIN: 'This site is to be used under another address. Open it there, and try again.',
}

/**
 * The same codes, where a form makes them mean something else.
 * @type {Readonly<Record<string, Readonly<Record<string, string>>>>}
 */
const wordsOfForm = {
  otp: {
    INVALID_CODE: 'That code is not right. Type the one in the latest message.',
    TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: 'Too many wrong codes. Ask for another one.',
  },
}

const known =
  'There is already an account with this e-mail address. Sign in the way you did before.'

/**
 * What somebody is told who comes back to the page, by what they come from: a provider, or the link in a message.
 * @type {Readonly<Record<'provider' | 'link', Readonly<Record<string, string>>>>}
 */
const wordsOfReturn = {
  provider: {
    ACCESS_DENIED: 'The provider was not allowed to sign you in. Try again, or choose another way.',
    ACCOUNT_NOT_LINKED: known,
    UNABLE_TO_LINK_ACCOUNT: known,
    EMAIL_NOT_FOUND:
      'The provider does not say your e-mail address. Choose another way to sign in.',
    EMAIL_NOT_VERIFIED:
      'The provider has not confirmed your e-mail address. Choose another way to sign in.',
    SIGN_UP_CLOSED: closed,
    SIGNUP_DISABLED: closed,
    SIGN_UP_DOMAIN_NOT_ALLOWED: words.SIGN_UP_DOMAIN_NOT_ALLOWED,
  },
  link: { INVALID_TOKEN: words.INVALID_TOKEN, TOKEN_EXPIRED: words.TOKEN_EXPIRED },
}

/**
 * The words for the `error` with which somebody came back.
 * @param {'provider' | 'link'} from
 * @param {string} error
 * @returns {string}
 */
export function wordsAfter(from, error) {
  const table = wordsOfReturn[from]
  const code = error.toUpperCase()
  const text = Object.hasOwn(table, code) ? table[code] : undefined
  if (text !== undefined) return text
  return from === 'link'
    ? 'That link does not work. Ask for another one.'
    : 'Signing in with that provider did not succeed. Try again, or choose another way.'
}

/**
 * What cannot be done at the moment, by form.
 * @type {Readonly<Record<string, string>>}
 */
const doings = {
  'sign-up': 'Creating an account',
  forgot: 'Sending that message',
  verify: 'Sending that message',
  'send-code': 'Sending a code',
  reset: 'Changing the password',
}

/**
 * Why it did not work, in a sentence or two for people. Never markup: to be shown as text.
 * @param {string} form
 * @param {Answer} answer
 * @returns {string}
 */
export function explain(form, { status, retryAfter, body }) {
  const known = wordsFor(form, body.code)
  if (known !== null) return known
  if (status === 429) return `Too many attempts. ${wait(retryAfter)}`
  if (status >= 500) {
    const doing = doings[form] ?? 'Signing in'
    return `${doing} is not possible at the moment, through no fault of yours. Try again shortly.`
  }
  const said = [body.message, body.detail].find((text) => typeof text === 'string' && text !== '')
  if (typeof said === 'string') return said.slice(0, 300)
  return `That did not work (${status}). Try again.`
}

/**
 * The words for a code, or null.
 * @param {string} form
 * @param {unknown} code
 * @returns {string | null}
 */
function wordsFor(form, code) {
  if (typeof code !== 'string') return null
  /** @type {readonly (Readonly<Record<string, string>> | undefined)[]} */
  const tables = [wordsOfForm[form], words]
  const table = tables.find((each) => each !== undefined && Object.hasOwn(each, code))
  return table?.[code] ?? null
}

/**
 * @param {string | null} retryAfter
 * @returns {string}
 */
function wait(retryAfter) {
  const seconds = Number(retryAfter)
  if (!(seconds > 0)) return 'Wait a moment, then try again.'
  if (seconds > 90) return `Try again in ${Math.ceil(seconds / 60)} minutes.`
  return seconds <= 1 ? 'Try again in a second.' : `Try again in ${Math.ceil(seconds)} seconds.`
}

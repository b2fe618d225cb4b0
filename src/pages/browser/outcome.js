import { explain } from './words.js'

/** @import { Answer, AnswerBody, FormName, Outcome, Place, View } from './types.ts' */

/**
 * What is shown after the answer to a form. Runs in the browser, and on the server where a form comes without JavaScript.
 * @param {FormName} form
 * @param {Answer} answer
 * @param {Pick<Place, 'confirms'>} place
 * @returns {Outcome}
 */
export function outcomeOf(form, answer, place) {
  return answer.status >= 200 && answer.status < 300
    ? succeeded(form, answer.body, place)
    : failed(form, answer, place)
}

/**
 * @param {FormName} form
 * @param {AnswerBody} body
 * @param {Pick<Place, 'confirms'>} place
 * @returns {Outcome}
 */
function succeeded(form, body, { confirms }) {
  if (body.twoFactorRedirect === true) return secondFactor(body.twoFactorMethods)
  switch (form) {
    case 'sign-up':
      if (body.token !== null) return goOn
      return confirms
        ? notice('verify', 'Almost there: open the link in the message we sent you, then sign in.')
        : notice('sign-in', 'Your account is there. Sign in to go on.')
    case 'forgot':
      return notice(form, 'If an account has this address, a message with a link is on its way.')
    case 'verify':
      return notice(form, 'If this address waits to be confirmed, a message is on its way.')
    case 'reset':
      return notice('sign-in', 'Your password has been changed. Sign in with the new one.')
    case 'send-code':
      return notice('otp', 'We have sent you a code. It may take a minute to arrive.')
    default:
      return goOn
  }
}

/** @type {Outcome} */
const goOn = { view: null, text: '', tone: 'notice', wrong: null, methods: null }

/**
 * @param {View} view
 * @param {string} text
 * @returns {Outcome}
 */
function notice(view, text) {
  return { ...goOn, view, text }
}

/**
 * @param {unknown} told
 * @returns {Outcome}
 */
function secondFactor(told) {
  const methods = Array.isArray(told) ? told.map(String) : []
  const view = methods.includes('totp') ? 'totp' : methods.includes('otp') ? 'otp' : null
  if (view !== null) return { ...goOn, view, methods }
  const text = 'This account asks for a second factor that this page does not know.'
  return { ...goOn, view: 'sign-in', text, tone: 'error' }
}

const codesOfPassword = [
  'INVALID_EMAIL_OR_PASSWORD',
  'PASSWORD_TOO_SHORT',
  'PASSWORD_TOO_LONG',
  'PASSWORD_COMPROMISED',
]
const codesOfEmail = [
  'INVALID_EMAIL',
  'USER_ALREADY_EXISTS',
  'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL',
  'SIGN_UP_DOMAIN_NOT_ALLOWED',
]
const codesOfCode = ['INVALID_CODE', 'INVALID_BACKUP_CODE', 'OTP_HAS_EXPIRED']

/**
 * @param {FormName} form
 * @param {Answer} answer
 * @param {Pick<Place, 'confirms'>} place
 * @returns {Outcome}
 */
function failed(form, answer, place) {
  const code = String(answer.body.code)
  const view = viewAfter(form, code, place)
  const text = explain(form, answer)
  if (view === 'verify' && form !== 'verify') return notice(view, text)
  const wrong = codesOfPassword.includes(code)
    ? 'password'
    : codesOfEmail.includes(code)
      ? 'email'
      : codesOfCode.includes(code)
        ? 'code'
        : null
  return { view, text, tone: 'error', wrong, methods: null }
}

/**
 * @param {FormName} form
 * @param {string} code
 * @param {Pick<Place, 'confirms'>} place
 * @returns {View}
 */
function viewAfter(form, code, { confirms }) {
  switch (code) {
    case 'EMAIL_NOT_VERIFIED':
      if (confirms) return 'verify'
      break
    case 'INVALID_TOKEN':
      if (form === 'reset') return 'forgot'
      break
    case 'INVALID_TWO_FACTOR_COOKIE':
      return 'sign-in'
    case 'TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE':
      return form === 'otp' ? 'otp' : 'sign-in'
    case 'OTP_NOT_CONFIGURED':
      return 'totp'
  }
  return form === 'send-code' ? 'otp' : form
}

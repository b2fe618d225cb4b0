/** @import { Call, Fields, FormName, Place } from './types.ts' */

/**
 * What each form of the sign-in page asks Better Auth. Runs in the browser, and on the server where a form comes without JavaScript.
 *
 * @type {Readonly<Record<FormName, (fields: Fields, place: Place) => Call>>}
 */
const calls = {
  'sign-in': (fields, place) => ({
    path: '/sign-in/email',
    body: {
      email: trimmed(fields.email),
      password: fields.password ?? '',
      rememberMe: fields.remember !== undefined,
      ...confirmation(place),
    },
  }),
  'sign-up': (fields, place) => ({
    path: '/sign-up/email',
    body: {
      name: trimmed(fields.name),
      email: trimmed(fields.email),
      password: fields.password ?? '',
      ...confirmation(place),
    },
  }),
  forgot: (fields, place) => ({
    path: '/request-password-reset',
    body: { email: trimmed(fields.email), redirectTo: addressOf(place, 'view', 'reset') },
  }),
  reset: (fields) => ({
    path: '/reset-password',
    body: { token: fields.token ?? '', newPassword: fields.password ?? '' },
  }),
  verify: (fields, place) => ({
    path: '/send-verification-email',
    body: { email: trimmed(fields.email), callbackURL: addressOf(place, 'confirmed', '1') },
  }),
  totp: (fields) => ({ path: '/two-factor/verify-totp', body: codeOf(fields) }),
  otp: (fields) => ({ path: '/two-factor/verify-otp', body: codeOf(fields) }),
  backup: (fields) => ({
    path: '/two-factor/verify-backup-code',
    body: { ...codeOf(fields), code: trimmed(fields.code) },
  }),
  'send-code': () => ({ path: '/two-factor/send-otp', body: {} }),
}

/**
 * What a form asks Better Auth.
 * @param {FormName} form
 * @param {Fields} fields
 * @param {Place} place
 * @returns {Call}
 */
export function toCall(form, fields, place) {
  return calls[form](fields, place)
}

/**
 * @param {string | undefined} text
 * @returns {string}
 */
function trimmed(text) {
  return (text ?? '').trim()
}

/**
 * Apps show codes in groups, and people copy them so.
 * @param {Fields} fields
 */
function codeOf(fields) {
  const code = (fields.code ?? '').replaceAll(/[\s-]/g, '')
  return { code, trustDevice: fields.trust !== undefined }
}

/**
 * Only where such a message may be sent: elsewhere Better Auth would take it for a place to go to.
 * @param {Place} place
 */
function confirmation(place) {
  return place.confirms ? { callbackURL: addressOf(place, 'confirmed', '1') } : {}
}

/**
 * This page, for a link in a message. Absolute, because to Better Auth not every query may follow a path.
 * @param {Place} place
 * @param {string} name
 * @param {string} value
 * @returns {string}
 */
function addressOf({ page, returnTo }, name, value) {
  const url = new URL(page)
  url.searchParams.set(name, value)
  if (returnTo !== '/') url.searchParams.set('return_to', returnTo)
  return url.href
}

import { tell } from '../api.js'
import { announce, make } from '../elements.js'
import { many } from '../format.js'
import { field, openForm } from './dialog.js'

/** @import { Answer, Rights, Target } from '../types.ts' */

/**
 * Asks whether sessions are to be ended, saying what will happen, and ends them.
 * @param {Target} target nobody in particular where neither user nor session is given
 * @param {Rights} rights
 * @param {() => void} onSignedIn
 */
export function askToRevoke(target, rights, onSignedIn) {
  const whom = target.session === undefined ? target.user : undefined
  const named = field('User: id or e-mail address', { type: 'text', name: 'user', required: '' })
  const token = field('Admin token', { type: 'password', name: 'token', required: '' })
  const isOpenQuestion = whom === undefined && target.session === undefined
  const act = async () => {
    if (!rights.mayAct) {
      const problem = await signIn(token.input.value)
      if (problem !== null) return problem
      onSignedIn()
    }
    return revoke(isOpenQuestion ? { user: named.input.value.trim() } : bodyOf(target))
  }
  const title = titleOf(target)
  const label = target.session === undefined ? 'End all sessions' : 'End session'
  const off = rights.isTokenConfigured
    ? null
    : make(
        'p',
        { class: 'wrong' },
        'There is no admin.token in the configuration: nothing can be ended from here.',
      )
  openForm(
    title,
    { label, kind: 'danger', act },
    isOpenQuestion ? named.element : null,
    make('ul', { class: 'what' }, ...consequences(target).map((text) => make('li', {}, text))),
    off,
    rights.mayAct || !rights.isTokenConfigured ? null : token.element,
  )
}

/** @param {Target} target */
function titleOf({ user, session }) {
  if (session !== undefined) return `End session ${session}?`
  return user === undefined ? 'End all sessions of a user' : `End all sessions of ${user}?`
}

/** @param {Target} target @returns {readonly string[]} */
function consequences({ user, session, of, open }) {
  const opened =
    open === 0
      ? 'What is open ends'
      : open === 1
        ? 'The open connection ends'
        : `${many(open, 'open connection')} end`
  if (session !== undefined) {
    return [
      `${of ?? 'The user'} is signed out where this session is, and stays signed in elsewhere.`,
      `${opened} at once, and so does whatever else the session has open, on every gateway.`,
      'Access tokens of the session are refused from now on.',
      'Signing in again is possible.',
    ]
  }
  return [
    `${user ?? 'The user'} is signed out everywhere: in every browser, on every device, on every gateway.`,
    `${user === undefined ? 'What the user has open ends' : opened} at once, with the reason session_revoked.`,
    'Every token that was issued until now is refused. API keys go on counting.',
    'Signing in again is possible: to keep somebody out, ban the user.',
  ]
}

/** @param {Target} target @returns {Record<string, string>} */
function bodyOf({ user = '', session }) {
  return session === undefined ? { user } : { session }
}

/**
 * @param {Record<string, string>} body
 * @returns {Promise<string | null>}
 */
async function revoke(body) {
  /** @type {Answer<{ readonly ended: number }>} */
  const answer = await tell('revoke', body)
  if (!answer.ok) return answer.detail
  announce(`${many(answer.body.ended, 'session')} ended`)
  return null
}

/**
 * @param {string} token
 * @returns {Promise<string | null>} what went wrong
 */
export async function signIn(token) {
  const answer = await tell('sign-in', { token })
  if (!answer.ok) return answer.detail
  const check = await fetch('state', { cache: 'no-store' })
  const { rights } = check.ok ? await check.json() : { rights: null }
  return rights?.mayAct === true ? null : insecure
}

const insecure =
  'The token is right, but the browser keeps no cookie of this address: use https, or a tunnel to a loopback address (ssh -L, kubectl port-forward).'

/** @import { Answer } from './types.ts' */

/**
 * Asks the console. Never rejects: a gateway that is away is status 0.
 * @template T
 * @param {string} path below `/console/`
 * @returns {Promise<Answer<T>>}
 */
export function ask(path) {
  return call(path, {})
}

/**
 * @template T
 * @param {string} path
 * @param {Record<string, string>} body
 * @returns {Promise<Answer<T>>}
 */
export function tell(path, body) {
  return call(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

/**
 * @template T
 * @param {string} path
 * @param {RequestInit} init
 * @returns {Promise<Answer<T>>}
 */
async function call(path, init) {
  try {
    const response = await fetch(path, { ...init, cache: 'no-store', credentials: 'same-origin' })
    const body = await response.json()
    if (response.ok) return { ok: true, body }
    const { code = '', detail = '' } = body
    return { ok: false, status: response.status, code: String(code), detail: String(detail) }
  } catch {
    return { ok: false, status: 0, code: 'away', detail: 'The gateway does not answer.' }
  }
}

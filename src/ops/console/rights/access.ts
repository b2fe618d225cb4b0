import type { IncomingMessage } from 'node:http'
import { clientKey } from '../../../front/clients.ts'
import type { Problem } from '../problems.ts'
import { isFromElsewhere, isFromOurPage, isLocal } from './peer.ts'
import { cookieName, type SignIns } from './sign-ins.ts'
import type { Throttle } from './throttle.ts'

/** `read`: what is shown. `act`: what changes something. */
export type Right = 'read' | 'act'

/** By what somebody was let in. */
export type Way = 'token' | 'cookie' | 'local'

export interface AccessDeps {
  readonly signIns: SignIns
  readonly throttle: Throttle
  /** Whether the listener itself is on loopback only. */
  readonly listensLocally: () => boolean
}

/**
 * Who may do what. Reading: from this machine, or with the admin token. Acting: with the token, always, and where the cookie stands for it only from our own
 * page. A wrong token never falls back to a weaker way.
 */
export function judgeAccess(
  request: IncomingMessage,
  right: Right,
  deps: AccessDeps,
): Way | { readonly problem: Problem; readonly waitSeconds?: number } {
  if (isFromElsewhere(request)) return { problem: 'cross_site' }
  const given = request.headers.authorization
  if (given !== undefined) return judgeToken(request, bearerIn(given), deps)
  const { signIns } = deps
  if (right === 'act' && !signIns.isPossible) return { problem: 'controls_off' }
  const cookie = cookieOf(request)
  if (cookie !== null && signIns.isSignedIn(cookie)) {
    return right === 'read' || isFromOurPage(request) ? 'cookie' : { problem: 'cross_site' }
  }
  if (right === 'act') return { problem: 'token_required' }
  if (isLocal(request, deps.listensLocally())) return 'local'
  return { problem: signIns.isPossible ? 'token_required' : 'not_from_here' }
}

/** Compares a token that was presented, as often as its address may try. */
export function judgeToken(
  { socket }: IncomingMessage,
  token: string,
  { signIns, throttle }: AccessDeps,
): 'token' | { readonly problem: Problem; readonly waitSeconds?: number } {
  // Where IPv4 comes to an IPv6 socket, all of it would be one client.
  const address = clientKey((socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, ''))
  const waitSeconds = throttle.waitSeconds(address)
  if (waitSeconds > 0) return { problem: 'throttled', waitSeconds }
  if (signIns.isToken(token)) return 'token'
  throttle.wrong(address)
  return { problem: 'token_wrong' }
}

/** The value of our cookie; null where it is missing, or there more than once. */
export function cookieOf({ headers }: IncomingMessage): string | null {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim())
  const ours = pairs.filter((pair) => pair.startsWith(`${cookieName}=`))
  const [only = null] = ours
  return ours.length === 1 && only !== null ? only.slice(cookieName.length + 1) : null
}

/** RFC 6750 §2.1. What is no bearer token is compared as an empty one, and is wrong. */
function bearerIn(header: string): string {
  return /^bearer +([\x21-\x7e]+) *$/i.exec(header)?.[1] ?? ''
}

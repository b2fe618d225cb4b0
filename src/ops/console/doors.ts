import type { IncomingMessage, ServerResponse } from 'node:http'
import { retryAfter, revoke, signIn, signOut, tell, type ActionDeps } from './actions.ts'
import { sendProblem } from './answer.ts'
import type { Viewers } from './events.ts'
import {
  answerConfiguration,
  answerRefusal,
  answerRefusals,
  answerState,
  type ReadDeps,
} from './reads.ts'
import { judgeAccess, type Right, type Way } from './rights/access.ts'
import { isFromElsewhere } from './rights/peer.ts'
import type { SignIns } from './rights/sign-ins.ts'
import type { Recording } from './show/state.ts'

/** What is behind one path, and what one must be allowed to come in. */
export interface Door {
  readonly method: 'GET' | 'POST'
  /** null: anybody, because it is where one signs in. */
  readonly right: Right | null
  readonly answer: Answer
}

/** @param way null where the door is open */
type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  way: Way | null,
) => void | Promise<void>

/** Lets a request in, or says why not. Never rejects: the console may fail, and the gateway goes on. */
export async function enter(
  request: IncomingMessage,
  response: ServerResponse,
  { method, right, answer }: Door,
  access: ActionDeps,
): Promise<void> {
  try {
    if (request.method !== method) {
      sendProblem(response, 'method_not_allowed', { allow: method })
      return
    }
    const judged = right === null ? judgeOpen(request) : judgeAccess(request, right, access)
    if (judged === null || typeof judged === 'string') await answer(request, response, judged)
    else {
      if (judged.problem === 'token_wrong') {
        tell(request, access, { kind: 'sign-in-refused', subject: null, ended: null })
      }
      sendProblem(response, judged.problem, retryAfter(judged.waitSeconds))
    }
  } catch (error) {
    access.deps.logger.warn({ err: error }, 'console: an answer failed')
    if (response.headersSent) response.destroy()
    else sendProblem(response, 'failed')
  }
}

function judgeOpen(
  request: IncomingMessage,
): null | { readonly problem: 'cross_site'; readonly waitSeconds?: number } {
  return isFromElsewhere(request) ? { problem: 'cross_site' } : null
}

/** All doors by their paths; one that ends in a slash is for everything with one more segment. */
export function doorsTo({
  access,
  viewers,
  recording,
}: {
  readonly access: ActionDeps
  readonly viewers: Viewers
  readonly recording: Recording
}): ReadonlyMap<string, Door> {
  const { deps, signIns } = access
  const from = { deps, recording }
  const mayRead = (request: IncomingMessage): boolean =>
    typeof judgeAccess(request, 'read', access) === 'string'
  return new Map<string, Door>([
    ...readingDoors(from, signIns),
    [
      '/console/events',
      read((request, response) => {
        viewers.add(response, () => mayRead(request))
      }),
    ],
    ['/console/sign-in', post(null, (request, response) => signIn(request, response, access))],
    [
      '/console/sign-out',
      post(null, (request, response) => {
        signOut(request, response, access)
      }),
    ],
    ['/console/revoke', post('act', (request, response) => revoke(request, response, access))],
  ])
}

const read = (answer: Answer): Door => ({ method: 'GET', right: 'read', answer })
const post = (right: Right | null, answer: Answer): Door => ({ method: 'POST', right, answer })

function readingDoors(from: ReadDeps, signIns: SignIns): readonly (readonly [string, Door])[] {
  return [
    [
      '/console/state',
      read((_request, response, way) => {
        const rights = { way, mayAct: way !== 'local', isTokenConfigured: signIns.isPossible }
        answerState(response, rights, from)
      }),
    ],
    [
      '/console/refusals',
      read((_request, response) => {
        answerRefusals(response, from)
      }),
    ],
    [
      '/console/refusals/',
      read((request, response) => {
        answerRefusal(request, response, from)
      }),
    ],
    [
      '/console/configuration',
      read((_request, response) => {
        answerConfiguration(response, from)
      }),
    ],
  ]
}

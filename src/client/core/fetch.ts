import { readProblem } from '../problem.ts'
import type { Problem } from '../types.ts'
import type { Credential } from '../tabs/tabs.ts'
import type { Credentials } from './credentials.ts'

export interface FetchDeps {
  readonly credentials: Credentials
  readonly isBearer: boolean
  readonly obey: (problem: Problem) => void
}

/** `fetch` with sessions taken care of: see `CoreClient`. */
export function createFetch({ credentials, isBearer, obey }: FetchDeps): typeof fetch {
  /** Answers with the token that the request was sent with, where it is ours. */
  const send = async (
    input: RequestInfo | URL,
    init: RequestInit | undefined,
  ): Promise<[Response, Problem | null, Credential?]> => {
    const credential = isBearer ? await credentials.live() : undefined
    const headers = new Headers(init?.headers ?? (input as Partial<Request>).headers)
    // Whoever brings a token of their own means it.
    const isTheirs = !credential || headers.has('authorization')
    if (!isTheirs) headers.set('authorization', `Bearer ${credential[2] ?? ''}`)
    const response = await fetch(input, isTheirs ? init : { ...init, headers })
    // A redirect may have led to somebody who only looks like the gateway.
    const isOurs = !response.url || isLocal(response.url)
    const problem = isOurs ? await readProblem(response) : null
    return isTheirs ? [response, problem] : [response, problem, credential]
  }
  return async (input, init) => {
    const isRequest = input instanceof Request
    // Nobody else is told who is calling, or obeyed.
    if (!isLocal(isRequest ? input.url : input)) return fetch(input, init)
    // What is read once cannot be sent twice; a copy of a request can.
    const isStream = init?.body instanceof ReadableStream
    const spare = isRequest && isBearer ? input.clone() : input
    const first = await send(input, init)
    const used = first[2]
    let [response, problem] = first
    if (used && problem?.action === 'refresh' && !isStream) {
      if (!(await credentials.refresh(used))) return response
      ;[response, problem] = await send(spare, init)
    }
    if (problem) obey(problem)
    return response
  }
}

function isLocal(url: string | URL): boolean {
  return new URL(url, document.baseURI).origin === location.origin
}

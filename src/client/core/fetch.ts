import { readProblem } from '../problem.ts'
import type { Problem } from '../types.ts'
import type { Credential } from '../tabs/tabs.ts'
import type { Credentials } from './credentials.ts'

/** `fetch` with sessions taken care of: see `CoreClient`. */
export function createFetch(
  isBearer: boolean,
  credentials: Credentials,
  obey: (problem: Problem) => void,
): typeof fetch {
  /** Answers with the token that the request was sent with, where it is ours. */
  const send = async (
    input: RequestInfo | URL,
    init: RequestInit | undefined,
  ): Promise<[Response, Problem | null, Credential | undefined | false]> => {
    const credential = isBearer ? await patient(credentials.live(), input, init) : undefined
    const headers = new Headers(init?.headers ?? (input as Partial<Request>).headers)
    // Whoever brings a token of their own means it.
    const isTheirs = !credential || headers.has('authorization')
    if (!isTheirs) headers.set('authorization', `Bearer ${credential[2] ?? ''}`)
    const response = await fetch(input, isTheirs ? init : { ...init, headers })
    // A redirect may have led to somebody who only looks like the gateway.
    const problem = isLocal(response.url) ? await readProblem(response) : null
    return [response, problem, !isTheirs && credential]
  }
  return async (input, init) => {
    const request = input as Partial<Request>
    // Nobody else is told who is calling, or obeyed.
    if (!isLocal(request.url ?? (input as URL))) return fetch(input, init)
    const spare = (isBearer && request.clone?.()) || input
    let [response, problem, used] = await send(input, init)
    // What is read once cannot be sent twice; a copy of a request can.
    if (used && problem?.action === 'refresh' && !(init?.body instanceof ReadableStream)) {
      if (!(await patient(credentials.refresh(used), input, init))) return response
      ;[response, problem, used] = await send(spare, init)
    }
    if (problem) obey(problem)
    return response
  }
}

/** Whoever has given up waits no longer. */
async function patient<T>(
  promise: Promise<T>,
  input: RequestInfo | URL | Partial<Request>,
  init: RequestInit | undefined,
): Promise<T> {
  const signal = init?.signal ?? (input as Partial<Request>).signal
  const done = new AbortController()
  const either = new Promise<T>((resolve, reject) => {
    // A controller has the one option that is needed: its `signal`.
    signal?.addEventListener(
      'abort',
      () => {
        reject(signal.reason as Error)
      },
      done,
    )
    promise.then(resolve, reject)
  })
  return either.finally(() => {
    done.abort()
  })
}

function isLocal(url: string | URL): boolean {
  return new URL(url, document.baseURI).origin === origin
}

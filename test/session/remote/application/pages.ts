import type { IncomingMessage, ServerResponse } from 'node:http'
import { fromNodeHeaders } from 'better-auth/node'

/** What of Better Auth's server-side API pages and actions call, as they do in Next.js. */
export interface PageApi {
  readonly getSession: (from: { readonly headers: Headers }) => Promise<PageSession | null>
  readonly signOut: (from: {
    readonly headers: Headers
    readonly asResponse: true
  }) => Promise<Response>
  readonly signInEmail: (from: {
    readonly headers: Headers
    readonly body: { readonly email: string; readonly password: string }
    readonly asResponse: true
  }) => Promise<Response>
  readonly changePassword: (from: {
    readonly headers: Headers
    readonly body: {
      readonly currentPassword: string
      readonly newPassword: string
      readonly revokeOtherSessions: true
    }
    readonly asResponse: true
  }) => Promise<Response>
}

interface PageSession {
  readonly user: { readonly id: string }
}

type Action = (api: PageApi, headers: Headers, body: never) => Promise<Response>

const actions: Readonly<Record<string, Action>> = {
  'sign-out': (api, headers) => api.signOut({ headers, asResponse: true }),
  'sign-in': (api, headers, body) => api.signInEmail({ headers, body, asResponse: true }),
  'change-password': (api, headers, body) =>
    api.changePassword({ headers, body, asResponse: true }),
}

/**
 * Answers for the pages of the application that Better Auth runs in: most say who they find, the actions put the cookies that Better Auth sets on a page of their
 * own, as its plugin for Next.js does.
 */
export async function answerPage(
  api: PageApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const headers = fromNodeHeaders(request.headers)
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const [path = ''] = (request.url ?? '').split('?')
  const action = actions[path.slice(path.lastIndexOf('/') + 1)]
  if (action === undefined) {
    const session = await api.getSession({ headers })
    const cookie = request.headers.cookie ?? null
    const told = request.headers['x-user-id'] ?? null
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'public' })
    response.end(JSON.stringify({ found: session?.user.id ?? null, told, cookie }))
    return
  }
  const text = Buffer.concat(chunks).toString()
  const done = await action(api, headers, JSON.parse(text === '' ? '{}' : text) as never)
  response.writeHead(303, {
    location: '/page/me',
    'cache-control': 'public, max-age=60',
    'x-user-id': 'forged',
    'set-cookie': [...done.headers.getSetCookie(), 'theme=dark; Path=/'],
  })
  response.end()
}

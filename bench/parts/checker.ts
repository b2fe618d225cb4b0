import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { serve } from './ready.ts'

// What people put behind `auth_request` and `forward_auth`: a small Node service that knows its sessions by heart. It
// is spared everything but the look-up: no signature, no digest, no framework.
const sessions = new Map<string, { readonly userId: string; readonly expiresAtMs: number }>()
const expiresAtMs = Date.now() + 86_400_000
const newToken = (): string => randomBytes(32).toString('base64url')
for (let index = 0; index < 1000; index += 1) {
  sessions.set(newToken(), { userId: `user-${index}`, expiresAtMs })
}
const token = newToken()
sessions.set(token, { userId: 'user-bench', expiresAtMs })

serve(
  createServer((request, response) => {
    const value = /(?:^|; ?)session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''
    const session = sessions.get(value)
    if (session === undefined || session.expiresAtMs < Date.now()) {
      response.writeHead(401, { 'content-length': 0 }).end()
      return
    }
    response.writeHead(204, { 'x-user-id': session.userId }).end()
  }),
  { cookie: `session=${token}` },
)

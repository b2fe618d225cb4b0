import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { authSecret, jwtSecret } from '../helper/token.ts'
import { bareEnv } from '../helper/program.ts'

export const root = join(import.meta.dirname, '../..')
export const secrets = { BETTER_AUTH_SECRET: authSecret, JWT_SECRET: jwtSecret }

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export async function run(
  cwd: string,
  args: readonly string[],
  env: Record<string, string> = secrets,
): Promise<Ran> {
  const child = spawn(process.execPath, [join(root, 'src/sallyport.js'), ...args], {
    cwd,
    env: { ...bareEnv, ...env },
  })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
  return { code: child.exitCode, out, err }
}

export const minimal = `
server: { listen: "127.0.0.1:0" }
admin: { listen: "127.0.0.1:0" }
auth: { signUp: open }
upstreams: { api: "http://127.0.0.1:9" }
routes: [{ name: api, match: { path: /api/* }, upstream: api }]
`

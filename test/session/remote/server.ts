import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { bareEnv, freePort } from '../../helper/program.ts'
import { authSecret } from '../../helper/token.ts'

export interface ServerOptions {
  readonly port: number
  readonly publicUrl: string
  readonly secret: string
  readonly session?: Record<string, unknown>
  /** Gateways that our plugin pushes to; left out: no plugin. */
  readonly gateways?: readonly string[]
  readonly pushSecret?: string
  readonly customSession?: boolean
  /** Sessions are kept in secondary storage alone. */
  readonly inStorage?: boolean
}

/** What a remote Better Auth was asked. */
export interface Asked {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export type Fault =
  'error' | 'busy' | 'garbage' | 'redirect' | 'unauthorized' | 'flood' | 'cut' | 'slow'

/** A Better Auth in a process of its own. */
export interface AuthServer {
  readonly url: string
  readonly port: number
  /** What it was asked since the last look, but for whether it is there. */
  readonly asked: () => Promise<readonly Asked[]>
  /** Requests whose path holds this text fail in this way; null: no more. */
  readonly fail: (kind: Fault | null, path?: string) => Promise<void>
  /** A request that does not come through any gateway. */
  readonly call: (
    path: string,
    body?: unknown,
    cookie?: string,
  ) => Promise<{ readonly status: number; readonly text: string }>
  readonly sql: (
    statement: string,
    ...values: readonly (string | number)[]
  ) => Promise<readonly Record<string, unknown>[]>
  /** What the last e-mail about a forgotten password held. */
  readonly resetToken: () => Promise<string>
  readonly freeze: () => void
  readonly thaw: () => void
  readonly kill: () => Promise<void>
  readonly start: () => Promise<void>
}

function isProbe({ url, headers }: Asked): boolean {
  return url === '/api/auth/get-session' && headers['x-sallyport-session'] === '1'
}

export const pushSecret = 'Xh5Rw8Nc2Vt6Lz1Kq9Mb4Jd7Gf3Ps0Ya'

/** Starts a remote Better Auth with a database of its own; ends it with the test. */
export async function startAuthServer(
  t: Test,
  more: Partial<ServerOptions> = {},
): Promise<AuthServer> {
  // A folder of the test would be emptied by the gateway that shares it.
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-remote-'))
  const port = more.port ?? (await freePort())
  const options = { port, publicUrl: 'http://app.test', secret: authSecret, ...more }
  const given = JSON.stringify({ ...options, file: join(folder, 'remote.db') })
  let child: ChildProcess | null = null
  let calls = 0
  const kill = async (): Promise<void> => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  const start = async (): Promise<void> => {
    child = fork(join(import.meta.dirname, 'auth-server.ts'), [], {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      env: { ...bareEnv, NODE_ENV: 'production', AUTH_SERVER: given },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    await once(child, 'message')
  }
  const tell = async (what: string, value: unknown = null): Promise<unknown> => {
    calls += 1
    const id = calls
    return new Promise((resolve, reject) => {
      const hear = (message: { readonly id?: number; readonly result?: unknown }): void => {
        if (message.id !== id) return
        child?.off('message', hear)
        resolve(message.result)
      }
      child?.on('message', hear)
      child?.send({ id, what, value }, (error) => {
        if (error !== null) reject(error)
      })
    })
  }
  t.teardown(async () => {
    await kill()
    rmSync(folder, { recursive: true })
  })
  await start()
  return {
    url: `http://127.0.0.1:${String(port)}`,
    port,
    asked: async () => ((await tell('asked')) as Asked[]).filter((each) => !isProbe(each)),
    fail: async (kind, path = '/get-session') => {
      await tell('fault', kind === null ? null : { kind, path })
    },
    call: (path, body = {}, cookie) =>
      tell('call', { path, body, cookie: cookie ?? null }) as ReturnType<AuthServer['call']>,
    sql: (statement, ...values) =>
      tell('sql', { statement, values }) as ReturnType<AuthServer['sql']>,
    resetToken: () => readFile(join(folder, 'remote.db.reset'), 'utf8'),
    freeze: () => child?.kill('SIGSTOP'),
    thaw: () => child?.kill('SIGCONT'),
    kill,
    start,
  }
}

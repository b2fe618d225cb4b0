import type { Lab } from '../system/lab.ts'
import { peerCpu, startPart, type Cpu, type Part } from '../system/processes.ts'
import { createCaller, type Caller } from './callers.ts'

export interface SallyportOptions {
  readonly upstream: string
  /** Routes besides the usual ones. */
  readonly routes?: number
  readonly cpu?: Cpu
}

export interface Sallyport {
  readonly url: string
  readonly pid: number
  /** Somebody with a session that is cached by now. */
  readonly caller: Caller
  /** Throws away what is garbage, so that memory can be read. */
  collect(): Promise<void>
  /** Caches made-up sessions number 0 to `count`. */
  fillSessions(count: number): Promise<void>
}

interface Said {
  readonly url: string
  readonly jwtSecret: string
}

/** Starts a gateway and signs one user up. */
export async function startSallyport(lab: Lab, options: SallyportOptions): Promise<Sallyport> {
  const { upstream, routes = 0, cpu = peerCpu } = options
  const part: Part<Said> = lab.keep(
    await startPart<Said>('gateway/run.ts', {
      env: { UPSTREAM: upstream, ROUTES: String(routes) },
      // As the Dockerfile starts it.
      flags: ['--expose-gc', '--max-semi-space-size=16', ...lab.nodeFlags],
      cpu,
    }),
  )
  const { url, jwtSecret } = part.said
  const caller = await createCaller(url, jwtSecret, 'bench@example.com')
  return {
    url,
    pid: part.pid,
    caller,
    collect: async () => {
      await part.ask({ collect: true })
    },
    fillSessions: async (sessions) => {
      await part.ask({ sessions })
    },
  }
}

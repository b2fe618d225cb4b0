import type { Target } from '../load/load.ts'
import type { Lab } from '../system/lab.ts'
import { loadCpu, peerCpu, startPart } from '../system/processes.ts'
import type { Programs } from '../system/programs.ts'
import { host } from './callers.ts'
import type { Kind } from './kinds.ts'
import { forwarded, startNginx } from './nginx.ts'
import { startSallyport, type Sallyport } from './sallyport.ts'

export interface Streaming {
  readonly direct: Kind
  /** null where it is not installed. */
  readonly nginx: Kind | null
  readonly cookie: Kind
  readonly sallyport: Sallyport
}

type Script = 'echo.ts' | 'events.ts'

/**
 * What streams are sent through: WebSockets where the upstream is `echo.ts`, event streams where it is `events.ts`. Nobody
 * buffers.
 */
export async function startStreaming(
  lab: Lab,
  { nginx: program }: Programs,
  script: Script,
  path: string,
): Promise<Streaming> {
  const part = lab.keep(await startPart<{ url: string }>(script, { cpu: loadCpu }))
  const upstream = part.said.url
  const nginx = program === null ? null : await startStreamingNginx(lab, program, upstream, script)
  const sallyport = await startSallyport(lab, { upstream })
  const { url, pid, caller } = sallyport
  const headers = { host, origin: `http://${host}`, cookie: caller.cookie }
  const at = (origin: string): Target => ({ url: `${origin}${path}`, headers: {} })
  return {
    direct: { name: 'direct', target: at(upstream), pids: [] },
    nginx: nginx && { name: 'nginx', target: at(nginx.url), pids: [nginx.pid] },
    cookie: { name: 'cookie', target: { url: `${url}${path}`, headers }, pids: [pid] },
    sallyport,
  }
}

function startStreamingNginx(
  lab: Lab,
  program: string,
  upstream: string,
  script: Script,
): ReturnType<typeof startNginx> {
  const webSocket =
    script === 'echo.ts'
      ? 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";'
      : 'proxy_set_header Connection "";'
  return startNginx(lab, {
    program,
    cpu: peerCpu,
    upstreams: { api: { url: upstream, keepAlive: true } },
    server: `location / {
      proxy_pass http://api; proxy_http_version 1.1; ${forwarded} ${webSocket}
      proxy_buffering off; proxy_read_timeout 600s; proxy_send_timeout 600s;
    }`,
  })
}

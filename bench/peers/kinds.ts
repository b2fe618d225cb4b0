import type { Lab } from '../system/lab.ts'
import { peerCpu, startPart } from '../system/processes.ts'
import type { Programs } from '../system/programs.ts'
import type { Target } from '../load/load.ts'
import { host } from './callers.ts'
import { startCaddy } from './caddy.ts'
import { forwarded, kept, startKeptNginx, startNginx } from './nginx.ts'
import { startSallyport } from './sallyport.ts'

/** Something that is put before the upstream, with a request that it lets through. */
export interface Kind {
  readonly name: string
  readonly target: Target
  /** All processes that it consists of. */
  readonly pids: readonly number[]
}

/** Starts everything that HTTP requests are sent through, all of it on the processor of the peers. What is not installed is left out. */
export async function startKinds(
  lab: Lab,
  programs: Programs,
  upstream: string,
): Promise<readonly Kind[]> {
  const checker = lab.keep(
    await startPart<{ url: string; cookie: string }>('checker.ts', { cpu: peerCpu }),
  )
  const check: Check = { ...checker.said, pid: checker.pid }
  return [
    { name: 'direct', target: { url: `${upstream}/api/items`, headers: {} }, pids: [] },
    ...(await nginxKinds(lab, programs, upstream, check)),
    ...(await caddyKinds(lab, programs, upstream, check)),
    await plainKind(lab, upstream),
    ...(await sallyportKinds(lab, upstream)),
  ]
}

interface Check {
  readonly url: string
  readonly cookie: string
  readonly pid: number
}

async function nginxKinds(
  lab: Lab,
  { nginx: program }: Programs,
  upstream: string,
  check: Check,
): Promise<readonly Kind[]> {
  if (program === null) return []
  const api = { url: upstream, keepAlive: true }
  const plain = await startKeptNginx(lab, program, upstream)
  const withCheck = async (name: string, keepAlive: boolean): Promise<Kind> => {
    const { url, pid } = await startNginx(lab, {
      program,
      cpu: peerCpu,
      upstreams: { api, checker: { url: check.url, keepAlive } },
      server: `location / {
      auth_request /_check;
      auth_request_set $user $upstream_http_x_user_id;
      proxy_pass http://api; ${kept} ${forwarded} proxy_set_header X-User-Id $user;
    }
    location = /_check {
      internal;
      proxy_pass http://checker; proxy_pass_request_body off; proxy_set_header Content-Length "";
      ${keepAlive ? kept : ''}
    }`,
    })
    return { name, target: itemsAt(url, { cookie: check.cookie }), pids: [pid, check.pid] }
  }
  return [
    { name: 'nginx', target: itemsAt(plain.url), pids: [plain.pid] },
    await withCheck('nginx + checker', true),
    await withCheck('nginx + checker, no keep-alive', false),
  ]
}

async function caddyKinds(
  lab: Lab,
  { caddy: program }: Programs,
  upstream: string,
  check: Check,
): Promise<readonly Kind[]> {
  if (program === null) return []
  // Its default keeps 32 idle connections, fewer than the load opens.
  const proxy = `reverse_proxy ${new URL(upstream).host} {
    transport http {
      keepalive_idle_conns_per_host 128
    }
  }`
  const plain = await startCaddy(lab, { program, cpu: peerCpu, site: proxy })
  const withCheck = await startCaddy(lab, {
    program,
    cpu: peerCpu,
    site: `forward_auth ${new URL(check.url).host} {
    uri /check
    copy_headers X-User-Id
    transport http {
      keepalive_idle_conns_per_host 128
    }
  }
  ${proxy}`,
  })
  return [
    { name: 'Caddy', target: itemsAt(plain.url), pids: [plain.pid] },
    {
      name: 'Caddy + checker',
      target: itemsAt(withCheck.url, { cookie: check.cookie }),
      pids: [withCheck.pid, check.pid],
    },
  ]
}

async function plainKind(lab: Lab, upstream: string): Promise<Kind> {
  const env = { UPSTREAM: upstream }
  const part = lab.keep(await startPart<{ url: string }>('plain.ts', { cpu: peerCpu, env }))
  return { name: 'node:http + undici', target: itemsAt(part.said.url), pids: [part.pid] }
}

async function sallyportKinds(lab: Lab, upstream: string): Promise<readonly Kind[]> {
  const { url, pid, caller } = await startSallyport(lab, { upstream })
  const { cookie, bearer } = caller
  const pids = [pid]
  return [
    { name: 'none', target: { url: `${url}/open/items`, headers: { host } }, pids },
    { name: 'cookie', target: itemsAt(url, { host, cookie }), pids },
    { name: 'bearer', target: itemsAt(url, { host, authorization: bearer }), pids },
  ]
}

function itemsAt(url: string, headers: Readonly<Record<string, string>> = {}): Target {
  return { url: `${url}/api/items`, headers }
}

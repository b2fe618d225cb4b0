import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findFreePort } from '../../deploy/demo/launch/ports.ts'
import type { Lab } from '../system/lab.ts'
import { peerCpu, startProgram, type Running } from '../system/processes.ts'

export interface Nginx extends Running {
  readonly url: string
}

export interface NginxOptions {
  readonly program: string
  readonly cpu: number
  /** `upstream` blocks by name: the URL, and whether connections to it are kept open. */
  readonly upstreams?: Readonly<
    Record<string, { readonly url: string; readonly keepAlive: boolean }>
  >
  /** Directives of the one server. */
  readonly server: string
}

/**
 * Starts one nginx worker, tuned as for a test of speed: no logs, no compression, connections kept open for ever.
 * One process does it all, so that its processor time is easy to read.
 */
export async function startNginx(lab: Lab, options: NginxOptions): Promise<Nginx> {
  const port = await findFreePort()
  const file = join(lab.folder, `nginx-${port}.conf`)
  writeFileSync(file, toConfig(port, lab.folder, options))
  const args = ['-e', 'stderr', '-p', lab.folder, '-c', file]
  const running = await startProgram(options.program, args, port, { cpu: options.cpu })
  return lab.keep({ ...running, url: `http://127.0.0.1:${port}` })
}

/** The nginx that is the measure of everything: it forwards, and keeps its connections to the upstream. */
export function startKeptNginx(lab: Lab, program: string, upstream: string): Promise<Nginx> {
  return startNginx(lab, {
    program,
    cpu: peerCpu,
    upstreams: { api: { url: upstream, keepAlive: true } },
    server: `location / { proxy_pass http://api; ${kept} ${forwarded} }`,
  })
}

function toConfig(port: number, folder: string, { upstreams = {}, server }: NginxOptions): string {
  const blocks = Object.entries(upstreams).map(
    ([name, { url, keepAlive }]) => `  upstream ${name} {
    server ${new URL(url).host};
    ${keepAlive ? 'keepalive 128; keepalive_requests 100000000; keepalive_timeout 600s;' : ''}
  }`,
  )
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `  ${name}_temp_path ${join(folder, `nginx-${port}-${name}`)};`,
  )
  return `daemon off;
master_process off;
pid ${join(folder, `nginx-${port}.pid`)};
error_log stderr error;
events { worker_connections 19000; multi_accept on; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_requests 100000000;
  keepalive_timeout 600s;
  client_max_body_size 0;
  client_body_buffer_size 128k;
${temporary.join('\n')}
${blocks.join('\n')}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    ${server}
  }
}
`
}

/** What every location that forwards needs for connections to its upstream to stay open. */
export const kept = 'proxy_http_version 1.1; proxy_set_header Connection "";'
/** What any gateway tells FastAPI of the client. */
export const forwarded =
  'proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;'

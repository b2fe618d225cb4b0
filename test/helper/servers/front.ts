import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Servers of a file of `deploy/` with what nginx wants around them, in one process in the foreground. @param home where it may write */
export function aroundNginx(home: string, text: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${join(home, kind)};`)
    .join('\n')
  return `daemon off;
master_process off;
pid ${join(home, 'nginx.pid')};
events { worker_connections 256; }
http {
access_log off;
${temporary}
${text}
}`
}

/** Arguments with which nginx reads `file` and nothing of the machine's. */
export function nginxArgs(file: string, home: string): readonly string[] {
  return ['-p', home, '-e', join(home, 'error.log'), '-c', file]
}

/** The environment in which a proxy writes below `home` alone. */
export function atHome(home: string): NodeJS.ProcessEnv {
  return { ...process.env, HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home }
}

/** Waits for up to 10 s until something listens on a port of 127.0.0.1. */
export async function untilOpen(port: number, name: string): Promise<void> {
  for (let patience = 1000; patience > 0; patience -= 1) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (isOpen) return
    await sleep(10)
  }
  throw new Error(`${name} does not come up`)
}

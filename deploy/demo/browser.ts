import { spawn } from 'node:child_process'

/** Where a browser might be opened from. */
export interface Surroundings {
  readonly platform: NodeJS.Platform
  readonly env: NodeJS.ProcessEnv
  /** Somebody sits at the terminal that is written to. */
  readonly isTerminal: boolean
}

/**
 * The command that opens a page in the browser of whoever sits here, or null: nobody does, they are far away (SSH, CI), there is no
 * screen, or they do not want it (`BROWSER=none`).
 * @param url of http or https, as `URL` writes it: on Windows a shell sees it
 */
export function browserCommand(
  url: string,
  { platform, env, isTerminal }: Surroundings,
): readonly [string, ...string[]] | null {
  const isFar = ['CI', 'SSH_CONNECTION', 'SSH_TTY'].some((name) => (env[name] ?? '') !== '')
  if (!isTerminal || isFar || env['BROWSER'] === 'none') return null
  if (platform === 'darwin') return ['open', url]
  // The first quoted word of `start` would be a title.
  if (platform === 'win32') return ['cmd', '/c', 'start', '""', url.replaceAll('&', '^&')]
  return env['DISPLAY'] || env['WAYLAND_DISPLAY'] ? ['xdg-open', url] : null
}

/** Opens a page in a browser where that is possible. Never fails, and nothing waits for it: the address was printed. */
export function openBrowser(url: string, surroundings: Surroundings): void {
  const command = browserCommand(url, surroundings)
  if (command === null) return
  const [program, ...args] = command
  const child = spawn(program, args, { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}
